"""The code tables of the sources, one each. They contradict each other, so no code is ever read by another's table.

"05" is 大风 for weather.com.cn and 大雾 for NMC; level "01" is 蓝 in one feed and "001" is 红 in another. A code stands
here only where it was seen together with its Chinese name. Everything else is read from the Chinese name in the record
or its headline, and what has none goes to a human.
"""

from collections.abc import Mapping

from callout.domain.level import Hazard, Level

CN12379: Mapping[str, Hazard] = {
    "11B01": Hazard.TYPHOON,
    "11B03": Hazard.RAINSTORM,
    "11B04": Hazard.SNOWSTORM,
    "11B05": Hazard.COLD_WAVE,
    "11B06": Hazard.GALE,
    "11B14": Hazard.LIGHTNING,
    "11B15": Hazard.HAIL,
    "11B17": Hazard.FOG,
    "11B21": Hazard.ROAD_ICING,
    "11B25": Hazard.FOREST_FIRE,
}
"""12379 `eventType`, also in weather.cma.cn. Left out on purpose: 11B99 其它 (a typhoon was once sent with it)."""

WEATHER_COM_CN: Mapping[str, Hazard] = {
    "01": Hazard.TYPHOON,
    "02": Hazard.RAINSTORM,
    "03": Hazard.SNOWSTORM,
    "04": Hazard.COLD_WAVE,
    "05": Hazard.GALE,
    "09": Hazard.LIGHTNING,
    "10": Hazard.HAIL,
    "12": Hazard.FOG,
    "14": Hazard.ROAD_ICING,
    "94": Hazard.FOREST_FIRE,
}
"""weather.com.cn `TYPECODE`."""
WEATHER_COM_CN_LEVELS: Mapping[str, Level] = {
    "01": Level.BLUE,
    "02": Level.YELLOW,
    "03": Level.ORANGE,
    "04": Level.RED,
}
"""weather.com.cn `LEVELCODE`: counts upwards."""

NMC: Mapping[str, Hazard] = {
    "05": Hazard.FOG,
    "07": Hazard.GALE,
    "09": Hazard.HAIL,
    "12": Hazard.LIGHTNING,
    "21": Hazard.LANDSLIDE,
    "24": Hazard.FLASH_FLOOD,
}
"""The TT of NMC's picture name p00TTLLL (field `pic` or `type`)."""
NMC_LEVELS: Mapping[str, Level] = {
    "001": Level.RED,
    "002": Level.ORANGE,
    "003": Level.YELLOW,
    "004": Level.BLUE,
}
"""The LLL of NMC's picture name: counts downwards."""

QWEATHER: Mapping[str, Hazard] = {
    "1001": Hazard.TYPHOON,
    "1003": Hazard.RAINSTORM,
    "1004": Hazard.SNOWSTORM,
    "1005": Hazard.COLD_WAVE,
    "1006": Hazard.GALE,
    "1007": Hazard.SANDSTORM,
    "1009": Hazard.HEAT,
    "1014": Hazard.LIGHTNING,
    "1015": Hazard.HAIL,
    "1016": Hazard.FROST,
    "1017": Hazard.FOG,
    "1019": Hazard.HAZE,
    "1020": Hazard.THUNDER_GALE,
    "1021": Hazard.ROAD_ICING,
    "1022": Hazard.DROUGHT,
    "1025": Hazard.FOREST_FIRE,
    "1031": Hazard.CONVECTION,
    "1037": Hazard.LANDSLIDE,
    "1041": Hazard.FOREST_FIRE,
    "1058": Hazard.THUNDER_GALE,
    "1078": Hazard.DROUGHT,
    "1085": Hazard.THUNDER_GALE,
    "1201": Hazard.FLOOD,
    "1206": Hazard.WATERLOGGING,
    "1211": Hazard.RIVER_FLOOD,
    "1214": Hazard.FLASH_FLOOD,
    "1219": Hazard.FLASH_FLOOD,
    "1248": Hazard.LANDSLIDE,
    "1250": Hazard.LANDSLIDE,
    "1251": Hazard.LANDSLIDE,
}
"""QWeather event codes, from its own table (alert-events.csv). In its English edition only the code tells."""
QWEATHER_CHINA = range(1001, 1300)
"""QWeather's codes of mainland warnings. Colours under any other code are those of another country."""

WMO_ENGLISH: Mapping[str, Hazard] = {
    "Strong convection": Hazard.CONVECTION,
    "Forest (grassland) fire risk": Hazard.FOREST_FIRE,
}
"""Names that the WMO relay of CMA leaves in English; its other English names are no hazard that rules know."""

COLOURS: Mapping[str, Level] = {
    "蓝色": Level.BLUE,
    "黄色": Level.YELLOW,
    "橙色": Level.ORANGE,
    "红色": Level.RED,
    "blue": Level.BLUE,
    "yellow": Level.YELLOW,
    "orange": Level.ORANGE,
    "red": Level.RED,
    "Ⅳ": Level.BLUE,
    "Ⅲ": Level.YELLOW,
    "Ⅱ": Level.ORANGE,
    "Ⅰ": Level.RED,
}
"""Colours and grades as records spell them (English in lower case)."""
