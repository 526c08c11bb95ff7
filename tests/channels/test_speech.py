"""What is said on the phone: numbers, local names, and sound of the right length."""

import io
import math
import wave
from array import array
from itertools import pairwise
from pathlib import Path

import pytest

from callout.channels.speech import RATE, Speaker, numerals, pinyin, recordings, telephone
from tests.channels.peers import program


@pytest.mark.parametrize(
    ("written", "said"),
    [("7月20日18点5分", "七月二十日十八点五分"), ("105", "一百零五"), ("1005户", "一千零五户"), ("100", "一百"),
     ("05", "零五"), ("0", "零"), ("10", "十"), ("110", "一百一十"), ("500156", "五零零一五六")],
)  # fmt: skip
def test_numbers_are_said_as_people_say_them(written: str, said: str) -> None:
    assert numerals(written) == said


def test_names_have_their_local_reading() -> None:
    # 台州 and 六安 are read wrongly by whoever reads them sign by sign.
    assert pinyin("台州、六安有雨。", {}) == "tai1 zhou1 , lu4 an1 you3 yu3 ."
    assert pinyin("浚县2村", {"浚县": "xun4 xian4"}) == "xun4 xian4 er4 cun1"


def _wav(rate: int, channels: int = 1, seconds: float = 1.0) -> bytes:
    tone = [int(8000 * math.sin(at / rate * 400 * 2 * math.pi)) for at in range(int(rate * seconds))]
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((channels, 2, rate, 0, "NONE", ""))
        file.writeframes(array("h", [sample for sample in tone for _ in range(channels)]).tobytes())
    return out.getvalue()


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (22050, 1), (44100, 2)])
def test_any_recording_fits_a_telephone_line(rate: int, channels: int) -> None:
    samples = array("h", telephone(_wav(rate, channels)))
    crossings = sum(a < 0 <= b for a, b in pairwise(samples))
    assert abs(len(samples) - RATE) <= 1
    assert abs(crossings - 400) <= 2  # still the same tone


def test_a_file_that_is_no_recording_is_named(tmp_path: Path) -> None:
    (tmp_path / "call.wav").write_bytes(_wav(8000))
    assert list(recordings(tmp_path)) == ["call"]
    (tmp_path / "desk.wav").write_bytes(b"RIFF, but no")
    with pytest.raises(ValueError, match=r"desk\.wav"):
        recordings(tmp_path)


async def test_espeak_reads_a_script_aloud() -> None:
    speaker = Speaker(program("espeak-ng", "espeak-ng"), {}, 150)
    sound = array("h", await speaker.speak("您好，暴雨橙色预警，收到请按1。"))
    assert 2 * RATE < len(sound) < 8 * RATE
    assert max(sound) > 3000  # not silence
    assert await speaker.speak("您好，暴雨橙色预警，收到请按1。") == sound.tobytes()


async def test_a_voice_that_fails_says_so() -> None:
    with pytest.raises(OSError, match="false"):
        await Speaker(program("false", "coreutils"), {}, 150).speak("您好")
