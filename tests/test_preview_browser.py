"""The gallery in a real browser: at three widths, light and dark, hostile texts, by keyboard, served, as a file."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from msgc.resources import data_folder
from program import HELLO, invoke, write_project
from test_preview import Preview, preview
from tools import chromium, node_package

playwright = pytest.importorskip("playwright.sync_api")

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOOKS = [(width, scheme) for width in (360, 820, 1440) for scheme in ("light", "dark")]
WATCH = """
window.violations = [];
document.addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective));
"""
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3
HOSTILE = {
    "hostile": """\
description: "<script>hacked = 1</script><img src=x onerror='hacked = 2'>"
params:
  name: string
  tricks: {type: string, enum: ["<b>", "\\"><script>hacked = 3</script>"]}
message:
  text: "{{ name }} {{ tricks }} [x](javascript:hacked=4) https://example.com/'onmouseover='hacked=5"
  listMessage:
    button: {text: "<svg onload=x>"}
    sections:
      - title: "</style><script>"
        rows: [{id: "1", text: "<iframe src=x>", description: "<a href=javascript:hacked=6>"}]
examples:
  "one": {name: "</script><script>hacked = 7</script>", tricks: "<b>"}
  two: {name: "<!--<script>", tricks: "\\"><script>hacked = 3</script>"}
""",
    'it\'s <b onclick=x> & "co"': "message: {text: 'javascript:hacked=8'}\n",
    "picture": """\
message:
  attachments: [{type: image, url: "https://media.invalid/a.jpg", caption: "*Look* here"}]
""",
    "broken": "message:\n  text: '<script>hacked = 9</script>'\n  '<img src=x onerror=hacked=10>': 1\n",
    "arabic": "message:\n  text: |-\n    مرحبا *بك* في المتجر!\n\n    - شاي أخضر\n    - قهوة\n",
    "long": f"message: {{text: '{LONG}', replyButtonMessage: {{buttons: [{{id: a, text: Yes}}]}}}}\n",
    "spot": "message: {location: {latitude: 52.5, longitude: 13.4, name: 'Shop', address: 'Street 1'}}\n",
}


@dataclass
class Watched:
    """A page with all that it has complained of and asked for."""

    page: "playwright.Page"
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def expect_quiet(self) -> None:
        assert self.complaints == []
        assert self.page.evaluate("violations") == []
        assert self.page.evaluate("typeof hacked") == "undefined"


@pytest.fixture(scope="module")
def browser() -> Iterator["playwright.Browser"]:
    path = chromium()
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield started
        started.close()


@contextlib.contextmanager
def opened(
    browser: "playwright.Browser", address: str, width: int = 1440, scheme: str = "light", **extra: bool
) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **extra)
    watched = Watched(context.new_page())
    watched.page.add_init_script(WATCH)
    watched.page.on("console", lambda message: watched.complaints.append(message.text))
    watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    watched.page.on("request", lambda request: watched.asked.append(request.url))
    watched.page.goto(address)
    try:
        yield watched
    finally:
        context.close()


def site(folder: Path, *words: str) -> str:
    assert invoke(folder, "preview", "--out", "site", *words)[0] == 0
    return (folder / "site" / "index.html").as_uri()


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[str]]:
    """The starter catalog's page, and the names of its definitions."""
    folder = tmp_path_factory.mktemp("starter")
    (folder / ".git").mkdir()
    templates = data_folder("templates")
    (folder / "templates").symlink_to(templates)
    names = [path.relative_to(templates).with_suffix("").as_posix() for path in templates.rglob("[!._]*.yaml")]
    return site(folder), sorted(name for name in names if not name.startswith("_"))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / ".git").mkdir()
    (folder / "templates").mkdir()
    for name, text in HOSTILE.items():
        (folder / "templates" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return site(folder)


def build_all(page: "playwright.Page", *, unfold: bool = True) -> None:
    """Has every card built and opened, as if somebody had been everywhere."""
    page.evaluate("document.querySelectorAll('section.card').forEach(build)")
    if unfold:
        page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")


def looks(watched: Watched) -> Iterator[tuple[int, str]]:
    """The same page at each width, light and dark; nothing is wider than the screen in any."""
    for width, scheme in LOOKS:
        watched.page.set_viewport_size({"width": width, "height": 900})
        watched.page.emulate_media(color_scheme=scheme)
        assert watched.page.evaluate("document.documentElement.scrollWidth") == width
        yield width, scheme


def test_every_definition_is_there_and_nothing_complains(starter: tuple[str, list[str]], browser: "playwright.Browser"):
    address, names = starter
    for width, scheme in (LOOKS[0], LOOKS[3], LOOKS[-1]):
        with opened(browser, address, width, scheme) as watched:
            page = watched.page
            assert page.locator("section.card h2").all_text_contents() == names
            assert page.locator("nav li").all_text_contents() == names
            page.locator("section.card .phone").first.wait_for()
            assert page.locator("section.card .phone").count() < len(names)  # the others come into view later
            build_all(page)
            assert page.locator("section.card .phone").count() >= len(names)
            assert page.evaluate("document.documentElement.scrollWidth") == width
            watched.expect_quiet()
            assert watched.asked == [address]


def test_hostile_text_stays_text(hostile: str, browser: "playwright.Browser"):
    with opened(browser, hostile) as watched:
        page = watched.page
        build_all(page)
        assert page.locator("section.card").count() == len(HOSTILE)
        assert page.locator("main :is(script, iframe, img, style, object, b)").count() == 0
        assert page.evaluate("[...document.links].every((link) => /^(https?:|file:)/.test(link.href))")
        assert page.evaluate(
            "[...document.querySelectorAll('a[target]')].every((link) => link.rel === 'noopener noreferrer')"
        )
        assert "</script><script>hacked = 7</script>" in page.locator("#hostile .phone").first.inner_text()
        for _ in looks(watched):
            watched.expect_quiet()
        assert watched.asked == [hostile]


def test_a_script_of_a_text_would_not_run(hostile: str, browser: "playwright.Browser"):
    with opened(browser, hostile) as watched:
        watched.page.evaluate(
            "document.body.append(Object.assign(document.createElement('script'), {text: 'hacked = 1'}))"
        )
        assert watched.page.evaluate("typeof hacked") == "undefined"
        assert watched.page.evaluate("violations") == ["script-src-elem"]


def test_pictures_come_after_a_click_only(hostile: str, browser: "playwright.Browser"):
    with opened(browser, hostile) as watched:
        watched.page.locator("#picture").scroll_into_view_if_needed()
        assert watched.asked == [hostile]
        watched.page.route("https://media.invalid/**", lambda route: route.abort())
        watched.page.locator("#picture a[data-media]").click()
        playwright.expect(watched.page.locator("#picture .media .note")).to_have_text("cannot be loaded; open it")
        assert watched.asked == [hostile, "https://media.invalid/a.jpg"]


@pytest.mark.parametrize("which", ["starter", "hostile"])
def test_nothing_keeps_people_out(which: str, browser: "playwright.Browser", request: pytest.FixtureRequest):
    axe = (node_package("axe-core") / "axe.min.js").read_text(encoding="utf-8")
    address = request.getfixturevalue(which)
    address = address if isinstance(address, str) else address[0]
    with opened(browser, address, bypass_csp=True) as watched:
        page = watched.page
        page.evaluate("[...document.querySelectorAll('section.card')].slice(7).forEach((each) => each.remove())")
        build_all(page)
        page.evaluate(axe)
        for width, scheme in looks(watched):
            if (width, scheme) in (LOOKS[1], LOOKS[-2]):
                found = page.evaluate("axe.run().then((result) => result.violations)")
                grave = [each for each in found if each["impact"] in ("serious", "critical")]
                assert [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in grave] == []


def test_search_filter_and_keys(starter: tuple[str, list[str]], browser: "playwright.Browser"):
    address, names = starter
    with opened(browser, address) as watched:
        page = watched.page
        shown = page.locator("section.card:visible h2")
        keys = page.keyboard
        keys.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        keys.press("Enter")
        assert page.evaluate("document.activeElement.id") == "messages"
        keys.press("/")
        keys.type("Sencha RETURN")
        assert shown.all_text_contents() == ["shop/choose-return"]
        assert page.locator("#status").inner_text() == f"1 of {len(names)} definitions"
        keys.press("Escape")
        assert len(shown.all_text_contents()) == len(names)
        keys.press("ArrowDown")
        keys.press("ArrowDown")
        assert page.evaluate("document.activeElement.textContent") == names[1]
        keys.press("ArrowUp")
        keys.press("ArrowUp")
        assert page.evaluate("document.activeElement.id") == "search"
        keys.press("ArrowDown")
        keys.press("ArrowDown")
        keys.press("ArrowDown")
        keys.press("Enter")
        page.wait_for_function(f"document.activeElement.id === {names[2]!r}")
        playwright.expect(page.locator(f"[id='{names[2]}'] .phone").first).to_be_in_viewport()
        keys.press("j")
        assert page.evaluate("document.activeElement.id") == names[3]
        keys.press("k")
        assert page.evaluate("document.activeElement.id") == names[2]
        page.locator("#kinds").select_option("template")
        templates = ["clinic/appointment-reminder-template", "shop/invoice-ready", "shop/order-shipped-template"]
        assert shown.all_text_contents() == templates
        page.locator("#levels").select_option("error")
        assert shown.count() == 0
        watched.expect_quiet()


def test_a_list_opens_as_a_sheet_by_key_and_closes(starter: tuple[str, list[str]], browser: "playwright.Browser"):
    with opened(browser, f"{starter[0]}#shop/choose-return") as watched:
        phone = watched.page.locator("[id='shop/choose-return'] .phone").first
        playwright.expect(phone.locator(".sheet")).to_be_hidden()
        phone.locator("summary").focus()
        watched.page.keyboard.press("Enter")
        playwright.expect(phone.locator(".sheet")).to_be_visible()
        assert phone.locator(".sheet .section-title").all_inner_texts() == ["Order A-1042", "Not on the list?"]
        watched.page.keyboard.press("Escape")
        playwright.expect(phone.locator(".sheet")).to_be_hidden()
        watched.expect_quiet()


def test_light_and_dark_can_be_chosen(starter: tuple[str, list[str]], browser: "playwright.Browser"):
    with opened(browser, starter[0], scheme="dark") as watched:
        page = watched.page
        color = "getComputedStyle(document.querySelector('.bubble')).backgroundColor"
        page.locator(".bubble").first.wait_for()
        before = page.evaluate(color)
        assert page.locator("#theme").inner_text() == "Light"
        page.locator("#theme").click()
        assert page.evaluate(color) != before
        page.reload()
        page.locator(".bubble").first.wait_for()
        assert (page.locator("#theme").inner_text(), page.evaluate(color) != before) == ("Dark", True)


# ------------------------------------------------------------------------------------------------------------ served


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Preview, Path]]:
    folder = write_project(tmp_path)
    with preview(folder) as running:
        yield running, folder


def test_values_are_tried_and_files_are_followed(served: tuple[Preview, Path], browser: "playwright.Browser"):
    running, folder = served
    with opened(browser, f"http://{running.host}/?token={running.token}") as watched:
        page = watched.page
        assert page.url == f"http://{running.host}/"
        page.locator("#hello summary", has_text="Parameters").click()
        trial = page.locator("#hello .trial")
        playwright.expect(trial.locator(".body")).to_have_text("Hi Ana")
        page.locator("#hello [name=name]").fill("<b>Ben</b> *x*")
        playwright.expect(trial.locator(".body")).to_have_text("Hi <b>Ben</b> x")
        assert trial.locator(".body b").count() == 0
        page.locator("#hello [name=name]").fill("x" * 41)
        playwright.expect(trial.locator(".finding")).to_contain_text("parameter-value")
        page.locator("#hello [name=name]").fill("Cleo")
        hello = folder / "templates" / "hello.yaml"
        hello.write_text(HELLO.replace("Hi {{", "Hello {{"), encoding="utf-8")
        playwright.expect(page.locator("#hello .examples .body")).to_have_text("Hello Ana")
        playwright.expect(trial.locator(".body")).to_have_text("Hello Cleo")  # what was typed is kept
        (folder / "templates" / "new.yaml").write_text("message: {text: New}\n", encoding="utf-8")
        playwright.expect(page.locator("section.card h2")).to_have_text(["hello", "new", "thanks"])
        hello.write_text("message: {text: 1, txt: 2}\n", encoding="utf-8")
        playwright.expect(page.locator("#hello .finding")).to_contain_text("unknown-key")
        page.reload()  # by the cookie
        assert page.locator("section.card").count() == 3
        watched.expect_quiet()
    with opened(browser, f"http://{running.host}/") as watched:  # in another profile, without the cookie
        assert watched.page.inner_text("body").startswith("Open the address that `msgc preview` printed")
