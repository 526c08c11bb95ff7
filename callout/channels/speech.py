"""Chinese read aloud without any service: pinyin by pypinyin, voice by espeak-ng, run as its own process."""

import asyncio
import io
import re
import wave
from array import array
from collections import OrderedDict
from collections.abc import Mapping
from itertools import accumulate, pairwise
from pathlib import Path

from pypinyin import Style, lazy_pinyin

RATE = 8000
"""Samples a second on a telephone line, 16 bits, one channel."""
_KEPT = 64
"""Scripts whose sound is kept: those of one warning differ little, and many are the same."""
_WITHIN = 20.0
_DIGITS = "零一二三四五六七八九"
_UNITS = ("", "十", "百", "千")
_LONGEST_NUMBER = 4
_NUMBER = re.compile(r"\d+")
_HANZI = re.compile(r"[\u3400-\u9fff]+")
_PAUSES = str.maketrans("，。；：、（）！？【】《》“”", ",.,:,,,.?......")


def numerals(text: str) -> str:
    """Numbers as people say them: 18 is 十八; longer ones digit by digit."""
    return _NUMBER.sub(lambda found: _numeral(found[0]), text)


def _numeral(digits: str) -> str:
    if len(digits) > _LONGEST_NUMBER or (digits[0] == "0" and len(digits) > 1):
        return "".join(_DIGITS[int(digit)] for digit in digits)
    said = "".join(
        _DIGITS[int(digit)] + (_UNITS[len(digits) - at] if digit != "0" else "") for at, digit in enumerate(digits, 1)
    )
    said = re.sub("零+", "零", said).rstrip("零") or "零"
    return said.removeprefix("一") if said.startswith("一十") else said


def pinyin(text: str, lexicon: Mapping[str, str]) -> str:
    """The sounds of a text, tones as digits. `lexicon` has the local readings of names, e.g. 浚县: xun4 xian4."""
    spoken = numerals(text)
    known = sorted(lexicon, key=len, reverse=True)
    pieces = re.split("|".join(map(re.escape, known)) or r"(?!)", spoken)
    between = [lexicon[name] for name in re.findall("|".join(map(re.escape, known)) or r"(?!)", spoken)]
    sounds = [_HANZI.sub(lambda found: f" {_sounds(found[0])} ", piece).translate(_PAUSES) for piece in pieces]
    together = [sounds[0], *(f" {name} {sound}" for name, sound in zip(between, sounds[1:], strict=True))]
    return re.sub(r"\s+", " ", "".join(together)).strip()


def _sounds(hanzi: str) -> str:
    return " ".join(lazy_pinyin(hanzi, style=Style.TONE3, neutral_tone_with_five=True))


def telephone(wav: bytes) -> bytes:
    """The samples of a WAV file as a telephone line takes them. Raises ValueError for what is no such file."""
    try:
        with wave.open(io.BytesIO(wav)) as file:
            if file.getsampwidth() != 2:  # noqa: PLR2004  # bytes
                raise ValueError("录音应是 16 位的 WAV 文件")
            samples, rate = array("h", file.readframes(file.getnframes())), file.getframerate()
            channels = file.getnchannels()
    except (wave.Error, EOFError) as error:
        raise ValueError(f"不是 WAV 文件：{error}") from None
    return _at_rate(samples[::channels], rate)


def _at_rate(samples: "array[int]", rate: int) -> bytes:
    """Each new sample is the mean of the old ones that it stands for: enough for a voice on a telephone."""
    if rate == RATE or not samples:
        return samples.tobytes()
    sums = [0, *accumulate(samples)]
    last = len(samples)
    edges = [min(last, at * rate // RATE) for at in range(last * RATE // rate + 1)]
    return array("h", [(sums[b] - sums[a]) // max(1, b - a) for a, b in pairwise(edges)]).tobytes()


class Speaker:
    """Reads scripts aloud."""

    def __init__(self, program: str, lexicon: Mapping[str, str], speed: int) -> None:
        self._program = program
        self._lexicon = dict(lexicon)
        self._speed = speed
        self._known: OrderedDict[str, bytes] = OrderedDict()

    async def speak(self, text: str) -> bytes:
        """The sound of a script. Raises OSError, TimeoutError or ValueError where there is none."""
        if text not in self._known:
            wav = await self._wav(pinyin(text, self._lexicon))
            self._known[text] = await asyncio.to_thread(telephone, wav)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return self._known[text]

    async def _wav(self, sounds: str) -> bytes:
        options = ("-b", "1", "-v", "cmn-latn-pinyin", "-s", str(self._speed), "--stdin", "--stdout")
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            self._program, *options, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            async with asyncio.timeout(_WITHIN):
                told, _ = await process.communicate(sounds.encode())
        except BaseException:
            process.kill()
            await process.wait()
            raise
        if process.returncode or not told:
            raise OSError(f"{self._program} ended with {process.returncode}")
        return told


def recordings(folder: Path) -> Mapping[str, bytes]:
    """The recorded words of a folder by kind of message (`call.wav`). Raises ValueError for an unusable file."""
    found = {}
    for file in sorted(folder.glob("*.wav")):
        try:
            found[file.stem] = telephone(file.read_bytes())
        except ValueError as error:
            raise ValueError(f"{file.name}：{error}") from None
    return found
