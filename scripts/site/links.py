"""Fits links that are written for the repository to the site: README.md and CONTRIBUTING.md are pages of it, source files are not.
Refuses lists that the site would break: GitHub takes any indentation for what goes on after a blank line, mkdocs four spaces."""

import os
import re

from mkdocs.exceptions import PluginError
from markdown.extensions.toc import slugify
from mkdocs.structure.files import File
from mkdocs.structure.nav import Link

ROOT = os.path.join(os.path.dirname(__file__), "..", "..")
OUTSIDE = ("README.md", "CONTRIBUTING.md")


def places(path):
    """The names of a page's headings."""
    with open(os.path.join(ROOT, path), encoding="utf-8") as page:
        return {slugify(heading.replace("`", ""), "-") for heading in re.findall(r"(?m)^#+ (.+)$", page.read())}


def on_files(files, config):
    for name in OUTSIDE:
        files.append(File(name, ROOT, config["site_dir"], config["use_directory_urls"]))
    return files


def check_lists(markdown, name):
    is_in_list = is_in_code = after_blank = False
    for number, line in enumerate(markdown.splitlines(), 1):
        if not is_in_code and is_in_list and after_blank and re.match(r" {1,3}\S", line):
            raise PluginError(f"{name}:{number}: what goes on in a list after a blank line is indented by four spaces")
        if line.lstrip().startswith("```"):
            is_in_code = not is_in_code
        elif not is_in_code and line.strip():
            if not line.startswith(" "):
                is_in_list = re.match(r"([-*+]|\d+\.) ", line) is not None
        after_blank = not line.strip()


def on_page_markdown(markdown, page, config, files):
    check_lists(markdown, page.file.src_path)
    folder = ROOT if page.file.src_path in OUTSIDE else config["docs_dir"]

    def fitted(link):
        text, target, place = link["text"], link["target"], link["place"] or ""
        if "://" in target:
            return link[0]
        path = os.path.relpath(os.path.join(folder, target or os.path.basename(page.file.src_path)), ROOT)
        if not os.path.exists(os.path.join(ROOT, path)):
            raise PluginError(f"{page.file.src_path}: no file {target}")
        if path.endswith(".md") and place and place[1:] not in places(path):
            raise PluginError(f"{page.file.src_path}: {target} has no heading {place}")
        if path in OUTSIDE:
            return f"[{text}]({path}{place})"
        if path.startswith("docs/") and os.path.isfile(os.path.join(ROOT, path)):
            return f"[{text}]({path.removeprefix('docs/') if target else ''}{place})"
        return text

    return re.sub(r"\[(?P<text>[^\]]*)\]\((?P<target>[^)#\s]*)(?P<place>#[^)]*)?\)", fitted, markdown)


def on_nav(nav, config, files):
    nav.items.append(Link("API reference (C++ and C)", "api/index.html"))  # Doxygen's
    return nav
