"""The page tests' own tab: it reports what is missing, and no file left half read."""


def page(folder, name, body):
    path = folder / name
    path.write_text(f"<link rel=icon href='data:,'><title>{name}</title>{body}")
    return path.as_uri()


def test_missing_file_is_reported(fresh, tmp_path):
    fresh.tab.goto(page(tmp_path, "one.html", "<img src='none.png' alt=''>"))
    assert any("none.png (net::ERR_FILE_NOT_FOUND)" in text for text in fresh.errors)


def test_file_still_read_when_the_page_is_left_is_not_reported(fresh, tmp_path):
    reads = []
    fresh.tab.route("**/slow.png", lambda route: reads.append(route))  # never answered
    first = page(tmp_path, "one.html", "<img src='slow.png' alt=''>")
    with fresh.tab.expect_event("requestfailed") as left:
        fresh.tab.goto(first, wait_until="commit")
        fresh.tab.wait_for_function("document.images.length")
        fresh.tab.goto(page(tmp_path, "two.html", ""))
    assert reads
    assert left.value.url.endswith("slow.png")
    assert fresh.errors == []
