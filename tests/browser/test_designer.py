"""Designing a card in a real Chromium: what is seen is what will be sent, and nothing that was done is lost."""

import json
import re
from base64 import b64encode
from io import BytesIO

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.processes]

SETTLED = "[data-saved][data-state=ok]"


@pytest.fixture
def desk(page: Page, site) -> Page:
    """The desk of a fresh card."""
    page.goto(f"{site.url}/cards/")
    token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    made = page.request.post(
        f"{site.url}/cards/new/",
        form={"starter": "espresso", "csrfmiddlewaretoken": token},
        headers={"Referer": page.url},
    )
    page.goto(made.url)
    page.wait_for_selector("[data-desk=ready]")
    return page


def frame(page: Page, number: int = 1):
    return page.get_by_role("button", name=re.compile(f"^Text {number}:"))


def drawn(page: Page, act) -> dict:
    """Do something; the design the desk then asked to be drawn, and the server's picture of it."""
    with page.expect_response(lambda answer: answer.url.endswith("/draw/") and answer.ok) as found:
        act()
    asked = json.loads(found.value.request.post_data or "{}")
    token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    answer = page.request.post(f"{page.url}draw/", data=asked, headers={"X-CSRFToken": token})
    return {"design": asked["design"], "picture": answer.body()}


def box_of(page: Page, number: int = 1) -> dict:
    """Where a text stands, as the fields of the panel say it."""
    frame(page, number).focus()
    names = ("x", "y", "width", "height", "rotation")
    return {name: float(page.locator(f"#box-{name}").input_value()) for name in names}


def drag(page: Page, locator, dx: float, dy: float) -> None:
    place = locator.bounding_box()
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 6):
        page.mouse.move(x + dx * step / 5, y + dy * step / 5)
    page.mouse.up()


def test_what_is_typed_is_drawn_by_the_renderer_and_shown_pixel_for_pixel(desk):
    frame(desk).focus()
    seen = drawn(desk, lambda: desk.get_by_label("What it says").fill("Bravo, {first_name|}!"))
    assert seen["design"]["boxes"][0]["text"] == "Bravo, {first_name|}!"
    expect(desk.locator("[data-picture]")).to_have_attribute("alt", re.compile("^Bravo, "))
    assert desk.evaluate(SAME, b64encode(seen["picture"]).decode())


#: Are the pixels on the stage those of this JPEG?
SAME = """async (jpeg) => {
  const pixels = (image) => {
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight).getContext("2d");
    canvas.drawImage(image, 0, 0);
    return canvas.getImageData(0, 0, image.naturalWidth, image.naturalHeight).data;
  };
  const other = Object.assign(new Image(), { src: `data:image/jpeg;base64,${jpeg}` });
  await other.decode();
  const [shown, meant] = [pixels(document.querySelector("[data-picture]")), pixels(other)];
  return shown.length === meant.length && shown.every((part, at) => part === meant[at]);
}"""


def test_it_is_saved_by_itself(desk):
    frame(desk).focus()
    desk.get_by_label("What it says").fill("Saved by itself, {first_name|}")
    expect(desk.locator(SETTLED)).to_contain_text(re.compile(r"Saved \d+:\d\d"))
    desk.reload()
    expect(frame(desk)).to_have_accessible_name(re.compile("Saved by itself"))


def test_a_text_is_dragged_to_its_place(desk):
    before = box_of(desk)
    drag(desk, frame(desk), 0, -60)
    after = box_of(desk)
    assert after["y"] < before["y"] - 60
    assert (after["x"], after["width"]) == (before["x"], before["width"])
    expect(desk.locator("[data-live]")).to_contain_text("from above")


def test_a_text_cannot_leave_the_picture(desk):
    drag(desk, frame(desk), -900, 900)
    place = box_of(desk)
    assert place["x"] == 0
    assert place["y"] + place["height"] <= 1080


def test_a_grip_makes_it_larger_and_the_other_corner_stays(desk):
    before = box_of(desk)
    drag(desk, desk.locator(".grip.nw"), 40, 20)
    after = box_of(desk)
    assert after["width"] < before["width"]
    assert abs(after["x"] + after["width"] - before["x"] - before["width"]) <= 1


def test_the_knob_turns_it(desk):
    drag(desk, desk.locator(".grip.turn"), -30, 0)
    assert 0 < box_of(desk)["rotation"] < 90


def test_the_keyboard_alone_can_move_resize_turn_and_write(desk):
    before = box_of(desk)
    for key in ("ArrowUp", "Shift+ArrowUp", "Alt+ArrowLeft", ".", "Shift+>"):
        frame(desk).press(key)
    after = box_of(desk)
    assert before["y"] - after["y"] == 11
    assert before["width"] - after["width"] == 10
    assert after["rotation"] == before["rotation"] + 6
    frame(desk).press("Enter")
    expect(desk.get_by_label("What it says")).to_be_focused()


def test_undo_and_redo_go_step_by_step(desk):
    before = box_of(desk)
    frame(desk).press("ArrowUp")
    desk.get_by_label("What it says").press_sequentially("!!!")
    typed = desk.get_by_label("What it says").input_value()
    desk.keyboard.press("Control+z")
    expect(desk.get_by_label("What it says")).to_have_value(typed.removesuffix("!!!"))
    desk.keyboard.press("Control+z")
    assert box_of(desk) == before
    expect(desk.get_by_role("button", name="Undo", exact=True)).to_be_disabled()
    desk.keyboard.press("Control+Shift+z")
    desk.keyboard.press("Control+Shift+z")
    expect(desk.get_by_label("What it says")).to_have_value(typed)


def test_the_photo_is_moved_and_brought_nearer(desk):
    photo = desk.get_by_role("button", name=re.compile("^Photo. Arrow"))
    photo.focus()
    nearer = drawn(desk, lambda: photo.press("+"))
    assert nearer["design"]["zoom"] == 1.1
    moved = drawn(desk, lambda: photo.press("ArrowLeft"))
    assert moved["design"]["focus"][0] > nearer["design"]["focus"][0]
    assert moved["picture"] != nearer["picture"]


def test_a_text_is_added_filled_with_a_word_and_removed(desk):
    before = desk.locator(".frame").count()
    desk.get_by_role("button", name="Text", exact=True).click()
    expect(desk.get_by_label("What it says")).to_be_focused()
    desk.get_by_role("button", name="Who was there").click()
    expect(desk.get_by_label("What it says")).to_have_value("{technician|our team}")
    desk.get_by_label("Without who was there say").fill("the two of us")
    expect(desk.get_by_label("What it says")).to_have_value("{technician|the two of us}")
    frame(desk, before).press("Delete")
    expect(desk.locator(".frame")).to_have_count(before)


def test_an_unknown_field_is_said_at_its_text_and_the_picture_stays(desk):
    picture = desk.locator("[data-picture]")
    frame(desk).focus()
    source = picture.get_attribute("src")
    desk.get_by_label("What it says").fill("Hi {nickname}")
    expect(desk.locator("[data-problem]")).to_contain_text("{nickname} is not a merge field")
    assert picture.get_attribute("src") == source
    desk.keyboard.press("Control+z")
    expect(desk.locator("[data-problem]")).to_be_hidden()


def test_hard_to_read_is_said_with_a_remedy_at_hand(desk):
    frame(desk).focus()
    desk.get_by_label("Another colour").fill("#3a1a10")
    expect(desk.locator("[data-reading-words]")).to_contain_text("Hard to read here")
    desk.get_by_role("button", name="White letters").click()
    expect(desk.locator("[data-reading]")).to_be_hidden()


def test_another_shape_takes_everything_along(desk):
    desk.get_by_role("button", name="Photo and shape").click()
    seen = drawn(desk, lambda: desk.get_by_role("radio", name="Square").check())
    assert Image.open(BytesIO(seen["picture"])).size == (1200, 1200)
    desk.keyboard.press("Control+z")


def test_without_a_connection_the_work_stays_and_is_saved_later(desk, context):
    frame(desk).focus()
    context.set_offline(True)
    desk.get_by_label("What it says").fill("Typed under ground")
    expect(desk.locator("[data-saved]")).to_contain_text("Not saved yet, trying again")
    context.set_offline(False)
    expect(desk.locator(SETTLED)).to_contain_text("Saved")


def test_of_two_windows_the_later_one_chooses_and_both_are_kept(desk, context):
    other = context.new_page()
    other.goto(desk.url)
    other.wait_for_selector("[data-desk=ready]")
    frame(other).focus()
    other.get_by_label("What it says").fill("From the other window")
    expect(other.locator(SETTLED)).to_be_visible()
    frame(desk).focus()
    desk.get_by_label("What it says").fill("From this window")
    dialog = desk.get_by_role("alertdialog")
    expect(dialog).to_contain_text("This card is open in two windows.")
    dialog.get_by_role("button", name=re.compile("^This one")).click()
    desk.wait_for_selector("[data-desk=ready]")
    expect(frame(desk)).to_have_accessible_name(re.compile("From this window"))
    other.close()
    desk.get_by_role("link", name="Versions").click()
    expect(desk.get_by_alt_text(re.compile("From the other window")).first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_desk_has_nothing_that_axe_complains_about(desk, scheme):
    desk.emulate_media(color_scheme=scheme)
    for part in (frame(desk), desk.get_by_role("button", name=re.compile("^Photo. Arrow"))):
        part.focus()
        found = Axe().run(desk)
        assert found.violations_count == 0, found.generate_report()
    desk.emulate_media(color_scheme="light")


def test_on_a_phone_a_finger_drags(desk, browser, context):
    phone = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, storage_state=context.storage_state()
    )
    page = phone.new_page()
    page.goto(desk.url)
    page.wait_for_selector("[data-desk=ready]")
    before = box_of(page)
    place = frame(page).bounding_box()
    swipe(page, place["x"] + place["width"] / 2, place["y"] + place["height"] / 2, 0, -30)
    assert box_of(page)["y"] < before["y"] - 50
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    phone.close()


def swipe(page: Page, x: float, y: float, dx: float, dy: float) -> None:
    """A finger, as Chromium gets it from the screen."""
    screen = page.context.new_cdp_session(page)
    screen.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 6):
        point = {"x": x + dx * step / 5, "y": y + dy * step / 5}
        screen.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    screen.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_what_is_shown_for_another_customer_is_what_that_customer_gets(desk):
    seen = drawn(desk, lambda: desk.locator("[data-as]").select_option(label="No name"))
    assert desk.request.get(f"{desk.url}preview.jpg?as=none").body() == seen["picture"]


def test_who_leaves_in_the_middle_of_a_word_finds_it_again(desk):
    frame(desk).focus()
    desk.get_by_label("What it says").fill("In the middle of a wo")
    desk.reload()
    expect(frame(desk)).to_have_accessible_name(re.compile("In the middle of a wo"))
    expect(desk.get_by_role("alertdialog")).to_be_hidden()


def test_the_browser_has_nothing_else_to_complain_about(page, complaints):
    expected = re.compile("422|409|ERR_INTERNET_DISCONNECTED")
    assert [said for said in complaints if not expected.search(said)] == []
