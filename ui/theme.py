"""The one look of the workbench: Gradio's own components in the colours and fonts of ``static/workbench.css``.

Every colour is a variable of that style sheet, which has a light and a dark value for each; so there is one place to
change one, and Gradio's components follow. No font is fetched from anywhere but this server.
"""

from __future__ import annotations

from typing import Final

from gradio.themes.base import Base
from gradio.themes.utils import colors, sizes

#: Gradio's theme variable -> ours. A ``*_dark`` twin is set to the same, because ours already know the mode.
_VARIABLES: Final = {
    "body_background_fill": "var(--mj-paper)",
    "body_text_color": "var(--mj-ink)",
    "body_text_color_subdued": "var(--mj-soft)",
    "background_fill_primary": "var(--mj-card)",
    "background_fill_secondary": "var(--mj-paper)",
    "border_color_primary": "var(--mj-line)",
    "border_color_accent": "var(--mj-accent)",
    "color_accent_soft": "var(--mj-wash)",
    "link_text_color": "var(--mj-accent)",
    "link_text_color_hover": "var(--mj-ink)",
    "link_text_color_active": "var(--mj-accent)",
    "link_text_color_visited": "var(--mj-accent)",
    "block_background_fill": "var(--mj-card)",
    "block_border_color": "var(--mj-line)",
    "block_label_background_fill": "transparent",
    "block_label_text_color": "var(--mj-soft)",
    "block_title_text_color": "var(--mj-ink)",
    "block_info_text_color": "var(--mj-soft)",
    "panel_background_fill": "var(--mj-paper)",
    "input_background_fill": "var(--mj-field)",
    "input_background_fill_focus": "var(--mj-field)",
    "input_border_color": "var(--mj-edge)",
    "input_border_color_focus": "var(--mj-accent)",
    "input_placeholder_color": "var(--mj-soft)",
    "button_primary_background_fill": "var(--mj-accent)",
    "button_primary_background_fill_hover": "var(--mj-accent-strong)",
    "button_primary_border_color": "var(--mj-accent)",
    "button_primary_text_color": "var(--mj-on-accent)",
    "button_secondary_background_fill": "var(--mj-card)",
    "button_secondary_background_fill_hover": "var(--mj-wash)",
    "button_secondary_border_color": "var(--mj-edge)",
    "button_secondary_text_color": "var(--mj-ink)",
    "button_cancel_background_fill": "var(--mj-card)",
    "button_cancel_background_fill_hover": "var(--mj-warn-wash)",
    "button_cancel_border_color": "var(--mj-warn-line)",
    "button_cancel_text_color": "var(--mj-warn)",
    "checkbox_background_color": "var(--mj-field)",
    "checkbox_background_color_selected": "var(--mj-accent)",
    "checkbox_border_color": "var(--mj-edge)",
    "checkbox_border_color_selected": "var(--mj-accent)",
    "checkbox_label_background_fill": "transparent",
    "checkbox_label_background_fill_selected": "var(--mj-wash)",
    "checkbox_label_border_color": "var(--mj-line)",
    "checkbox_label_text_color": "var(--mj-ink)",
    "checkbox_label_text_color_selected": "var(--mj-ink)",
    "slider_color": "var(--mj-accent)",
    "table_border_color": "var(--mj-line)",
    "table_even_background_fill": "var(--mj-card)",
    "table_odd_background_fill": "var(--mj-card)",
    "table_row_focus": "var(--mj-wash)",
    "table_text_color": "var(--mj-ink)",
    "error_background_fill": "var(--mj-warn-wash)",
    "error_border_color": "var(--mj-warn-line)",
    "error_text_color": "var(--mj-warn)",
    "error_icon_color": "var(--mj-warn)",
    "accordion_text_color": "var(--mj-ink)",
    "code_background_fill": "var(--mj-paper)",
}
_FLAT: Final = {
    "shadow_drop": "none",
    "shadow_drop_lg": "none",
    "button_primary_shadow": "none",
    "button_secondary_shadow": "none",
    "input_shadow": "none",
    "input_shadow_focus": "none",
    "block_shadow": "none",
    "block_border_width": "1px",
    "block_label_border_width": "0px",
    "block_title_text_weight": "600",
    "input_border_width": "1px",
    "button_large_text_weight": "600",
    "button_small_text_weight": "500",
    "input_text_size": "1rem",
}


def create_theme() -> Base:
    """Return the theme: flat, quiet, one accent; fonts by the names that ``workbench.css`` declares."""
    theme = Base(
        primary_hue=colors.teal,
        secondary_hue=colors.teal,
        neutral_hue=colors.stone,
        text_size=sizes.text_md,
        radius_size=sizes.radius_md,
        font=("Plex Arabic", "system-ui", "sans-serif"),
        font_mono=("ui-monospace", "DejaVu Sans Mono", "Menlo", "Consolas", "monospace"),
    )
    both = {key: value for name, value in _VARIABLES.items() for key in (name, f"{name}_dark")}
    return theme.set(**both, **_FLAT)
