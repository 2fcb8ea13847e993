"""Configuration of the documentation site: `./run docs` builds it into build/docs."""

from __future__ import annotations

import os

# Set before NumPy is imported: BLAS threads that spin make the examples slow.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import fastinit

project = "fastinit"
author = "the fastinit developers"
project_copyright = "the fastinit developers"
version = release = fastinit.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["gallery", "examples/GALLERY_HEADER.rst"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}

myst_enable_extensions = ["colon_fence", "dollarmath"]
#: Links to a section of another page go by its heading.
myst_heading_anchors = 4

templates_path = ["_templates"]
autosummary_generate = True
autodoc_typehints = "none"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

sphinx_gallery_conf = {
    "examples_dirs": "gallery",
    "gallery_dirs": "examples",
    "filename_pattern": r"\.py",
    "within_subsection_order": "FileNameSortKey",
    "abort_on_example_error": True,
    "download_all_examples": False,
    "write_computation_times": False,
    "show_signature": False,
    "capture_repr": (),
    "remove_config_comments": True,
    "image_srcset": ["2x"],
}
#: A prompt and what a command answered are not copied.
copybutton_prompt_text = r"\$ |>>> "
copybutton_prompt_is_regexp = True

html_theme = "pydata_sphinx_theme"
html_title = "fastinit"
html_static_path = ["_static"]
html_css_files = ["fastinit.css"]
html_show_sourcelink = False
#: Pages with nothing beside them.
html_sidebars = {"index": [], "tutorial/index": []}
html_theme_options = {
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": ["theme-version"],
}
