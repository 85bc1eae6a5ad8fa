"""The architectures that the Chooser knows, as a table."""

import html
from typing import Any

from lessons_lib.demos.chooser_table import ARCHITECTURES


def architecture_table() -> Any:
    """Return the table of architectures that the Chooser knows."""
    return ArchitectureTable()


class ArchitectureTable:
    """The architectures as a table: HTML in a notebook, plain lines elsewhere."""

    columns = {
        "name": "Architecture", "best_for": "Best for", "strength": "Strength",
        "weakness": "Weakness", "difficulty": "Difficulty", "needs": "Needs",
        "source": "Source",
    }  # fmt: skip

    def _repr_html_(self) -> str:
        style = "text-align:left;vertical-align:top;padding:4px 8px"
        head = "".join(
            f'<th scope="col" style="{style}">{name}</th>' for name in self.columns.values()
        )
        rows = "".join(
            f'<tr><th scope="row" style="{style}">{html.escape(row["name"])}</th>'
            + "".join(
                f'<td style="{style}">{html.escape(row[key])}</td>'
                for key in list(self.columns)[1:]
            )
            + "</tr>"
            for row in ARCHITECTURES.values()
        )
        return (
            '<div style="overflow-x:auto" tabindex="0" role="region" '
            'aria-label="Architectures"><table><thead><tr>'
            f"{head}</tr></thead><tbody>{rows}</tbody></table></div>"
        )

    def __repr__(self) -> str:
        """Return one line for each architecture."""
        return "\n".join(
            f"{row['name']}: best for {row['best_for']}; {row['strength']}; "
            f"but {row['weakness']} ({row['source']})"
            for row in ARCHITECTURES.values()
        )
