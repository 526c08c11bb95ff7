"""Warning levels and kinds of hazard, in the field's terms."""

from collections.abc import Mapping
from enum import StrEnum


class Level(StrEnum):
    """预警级别. Blue (Ⅳ) is the lowest, red (Ⅰ) the highest; compare with `rank`."""

    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"

    @property
    def rank(self) -> int:
        """1 for blue to 4 for red."""
        return _RANKS[self]

    @property
    def zh(self) -> str:
        """蓝色 黄色 橙色 红色."""
        return {"blue": "蓝色", "yellow": "黄色", "orange": "橙色", "red": "红色"}[self.value]


_RANKS = {level: rank for rank, level in enumerate(Level, 1)}


class Hazard(StrEnum):
    """灾种. The value is the Chinese name that headlines use."""

    TYPHOON = "台风"
    RAINSTORM = "暴雨"
    SNOWSTORM = "暴雪"
    COLD_WAVE = "寒潮"
    GALE = "大风"
    SANDSTORM = "沙尘暴"
    HEAT = "高温"
    DROUGHT = "干旱"
    LIGHTNING = "雷电"
    HAIL = "冰雹"
    FROST = "霜冻"
    FOG = "大雾"
    HAZE = "霾"
    ROAD_ICING = "道路结冰"
    FOREST_FIRE = "森林火险"
    CONVECTION = "强对流"
    THUNDER_GALE = "雷暴大风"
    LANDSLIDE = "地质灾害"
    FLASH_FLOOD = "山洪"
    RIVER_FLOOD = "中小河流洪水"
    FLOOD = "洪水"
    WATERLOGGING = "渍涝"


_FROM_BLUE = tuple(Level)
_FROM_YELLOW = _FROM_BLUE[1:]
_FROM_ORANGE = _FROM_BLUE[2:]
LEVELS_OF: Mapping[Hazard, tuple[Level, ...]] = {
    **dict.fromkeys(Hazard, _FROM_BLUE),
    **dict.fromkeys((Hazard.SANDSTORM, Hazard.HEAT, Hazard.LIGHTNING, Hazard.FOG, Hazard.ROAD_ICING), _FROM_YELLOW),
    Hazard.FOREST_FIRE: _FROM_YELLOW,
    **dict.fromkeys((Hazard.DROUGHT, Hazard.HAIL), _FROM_ORANGE),
    Hazard.FROST: _FROM_BLUE[:3],
    Hazard.HAZE: _FROM_YELLOW[:2],
}
"""The levels at which warnings of a hazard are issued in China; not every hazard has four."""
