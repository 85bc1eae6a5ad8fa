"""The tools that build the book."""

import base64
import io
import json
from types import SimpleNamespace

import nbformat
import pytest
from PIL import Image

from lessons_lib.site import address, execute, figures, notebooks, pages


def config_with(tmp_path, url):
    path = tmp_path / "_config.yml"
    path.write_text(f"title: x\nrepository:\n  url: {url}\n  branch: main\nhtml: {{}}\n")
    return path


@pytest.mark.parametrize("url", [
    "https://github.com/Ada/book", "https://github.com/Ada/book/", "https://github.com/Ada/book.git",
])
def test_address_is_read_in_its_usual_spellings(tmp_path, url):
    assert address.read_repository(config_with(tmp_path, url)) == ("Ada", "book", "main")


def test_other_addresses_are_refused(tmp_path):
    config = config_with(tmp_path, "https://example.org/book")
    with pytest.raises(ValueError, match="must read https://github.com/OWNER/NAME"):
        address.read_repository(config)


def test_missing_address_is_named(tmp_path):
    config = tmp_path / "_config.yml"
    config.write_text("title: x\n")
    with pytest.raises(ValueError, match="must have repository.url"):
        address.read_repository(config)


def test_site_of_a_user_page_has_no_folder():
    assert address.site_url("Ada", "ada.github.io") == "https://ada.github.io/"
    assert address.site_url("Ada", "book") == "https://ada.github.io/book/"


def test_address_stands_nowhere_else_by_hand(root):
    owner, name, _ = address.read_repository()
    for path in [*root.glob("*"), *root.glob(".github/**/*"), *root.glob("lessons_lib/**/*")]:
        if path.suffix in (".py", ".toml", ".yml", ".txt", ".js") and path.is_file():
            text = path.read_text(encoding="utf-8")
            assert path.name == "_config.yml" or f"{owner}/{name}" not in text, path


def write_notebook(path, source):
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source)], metadata=notebooks.METADATA
    )
    path.write_text(nbformat.writes(notebook), encoding="utf-8")


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setattr(execute, "ROOT", tmp_path)
    monkeypatch.setattr(execute, "CACHE", tmp_path / "_build" / "cache")
    return tmp_path


def test_only_a_changed_lesson_runs_again(project, capsys):
    for name in "ab":
        write_notebook(project / f"{name}.ipynb", "x = 1")
    paths = [str(project / "a.ipynb"), str(project / "b.ipynb")]
    write_notebook(project / "b.ipynb", "x = 2")
    assert execute.main(paths) == 0
    assert "2 lessons, 2 to execute" in capsys.readouterr().out
    write_notebook(project / "b.ipynb", "x = 3")
    assert execute.main(paths) == 0
    out = capsys.readouterr().out
    assert "2 lessons, 1 to execute" in out
    assert "b.ipynb" in out
    assert execute.main(paths) == 0
    assert "2 lessons, 0 to execute" in capsys.readouterr().out


def test_changed_library_runs_every_lesson_again(project, capsys, monkeypatch):
    write_notebook(project / "a.ipynb", "x = 1")
    execute.main([str(project / "a.ipynb")])
    monkeypatch.setattr(execute, "fingerprint", lambda: "another")
    execute.main([str(project / "a.ipynb")])
    assert "1 lessons, 1 to execute" in capsys.readouterr().out.splitlines()[-3]


def test_failing_lesson_is_named_with_its_error(project, capsys):
    write_notebook(project / "bad.ipynb", "1 / 0")
    assert execute.main([str(project / "bad.ipynb")]) == 1
    out = capsys.readouterr().out
    assert "FAILED bad.ipynb" in out
    assert "ZeroDivisionError" in out


def test_outputs_are_kept_for_marked_cells_only(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[
        nbformat.v4.new_code_cell(f"{notebooks.CHECK_MARK}\nprint(6 * 7)"),
        nbformat.v4.new_code_cell("print('noise')"),
    ])
    notebooks.store_outputs(notebook, tmp_path)
    assert notebook.cells[0].outputs[0].text == "42\n"
    assert notebook.cells[1].outputs == []


def test_picture_is_compressed_once_and_again_with_other_settings(tmp_path, monkeypatch):
    monkeypatch.setattr(figures, "KEPT", tmp_path / "pictures")
    buffer, opened = io.BytesIO(), []
    Image.new("RGB", (5, 3), "#0072b2").save(buffer, "png")
    real = Image.open
    monkeypatch.setattr(Image, "open", lambda file: opened.append(file) or real(file))
    first, again = (figures._to_webp(buffer.getvalue()) for _ in range(2))
    assert first == again
    assert len(opened) == 1
    assert real(io.BytesIO(first)).convert("RGB").getpixel((4, 2)) == (0, 0x72, 0xB2)
    monkeypatch.setattr(figures, "WEBP", {**figures.WEBP, "quality": 0})
    figures._to_webp(buffer.getvalue())
    assert len(opened) == 2


def test_frames_of_explore_become_files_once(tmp_path):
    picture = base64.b64encode(b"RIFF picture").decode()
    body = f'<div class="fnd-frames">"data:image/webp;base64,{picture}" twice ' * 2
    context = {"body": body}
    app = SimpleNamespace(outdir=str(tmp_path))
    figures.frames_to_files(app, "foundations/x", "page.html", context, None)
    files = list((tmp_path / "_images").glob("*.webp"))
    assert [file.read_bytes() for file in files] == [b"RIFF picture"]
    assert context["body"].count(f"../_images/{files[0].name}") == 2
    assert "base64" not in context["body"]


def test_only_a_large_state_becomes_a_file_of_its_own(tmp_path):
    start = '<script type="application/json" data-fnd-state>'
    small, large = '{"a": 1}', '{"weights": "' + "A" * figures.LARGE_STATE + '"}'
    context = {"body": f"{start}{small}</script> and {start}{large}</script>"}
    app = SimpleNamespace(outdir=str(tmp_path))
    figures.states_to_files(app, "foundations/x", "page.html", context, None)
    (file,) = (tmp_path / "_static" / "states").glob("*.js")
    assert json.dumps(large) in file.read_text(encoding="utf-8")
    assert f"{start}{small}</script>" in context["body"]
    assert f'data-fnd-src="../_static/states/{file.name}"></script>' in context["body"]
    assert "AAAA" not in context["body"]


def test_a_demo_that_stands_twice_brings_its_script_once():
    from lessons_lib import demos
    from lessons_lib.exercises import predict, quiz

    small = "".join(
        shown._repr_mimebundle_()["text/html"]
        for shown in (quiz("neuron.line"), predict("neuron.gates"))
    )
    large = demos.descent("bowl").html() + demos.descent("saddle").html()
    for body in (small, large):
        shared = pages.share_scripts(body)
        assert len(shared) < 0.75 * len(body)
        assert shared.count("data-fnd-state") >= 2, "each keeps its own state"
        assert shared.count("?.()</script>") == body.count("?.()</script>") + 1
    assert pages.share_scripts("<script>one()</script>") == "<script>one()</script>"
