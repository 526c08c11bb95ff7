"""What reviewers will say of a template, before they see it: the rules of the Chinese clouds, as documented."""

import re
from collections.abc import Mapping

from callout.domain.form import Filled, Form

LONGEST = 500
"""Characters of a text with its variables filled."""
_GAP = re.compile(r"\$\{(\w+)\}")
_FORBIDDEN = re.compile(r"[【】★☆※→←↑↓●◆■▲]|https?:|www\.", re.IGNORECASE)
_TOUCHING = re.compile(r"\$\{\w+\}\s*\$\{\w+\}")
_NOT_ASKING = re.compile(
    r"(?:勿|不(?:[能要用必可便会]|支持|接受)?|无[需须法]|毋[需须])(?:再|直接|用?对?[本此这]?(?:条|个)?(?:短信|信息|号码))*回[复信]"
)
_ASKING = re.compile(
    r"(?<![的已未有])回(?:复|信(?!号)|短信)\s*\d*"
    r"|(?<![返召撤收退转])回(?:数字)?\s*(?:\d(?!\d*[号楼栋层组人名户])|[A-Za-z]|[“”\"「'：:]|(?=\{\{-?\s*m\.code))"
)
"""What asks for a reply (回1, 请回复, 回：收到), and what only says 回: 返回1号楼, 您的回复, 本短信不能回复."""
_NOT_PRESSING = re.compile(r"(?:勿|不(?:能|要|用|必|可|便|会|需|支持|接受)?|无[需须法]|毋[需须])(?:再|直接|用|以)?按")
_PRESSING = re.compile(
    r"(?<![已未没])(?:"
    r"(?<!的)按(?!关)[^，。；、,;]{0,4}?(?<!关)键"
    r"|按(?:下|一下)?(?:数字)?\s*(?:\d(?!\d*\s*(?:\.\d|号|级|个|小?时|点|[分天日月年版人户楼栋层组项条类批档倍米毫公%％]))"
    r"|[#＃*＊]|[一二三](?=[，。；、,;\s]|$)|[“”\"「'：:]|(?=\{\{-?\s*m\.code)))"
)
"""What asks for a key (按1, 按一，, 按井号键), and what only says 按: 按1号预案, 按3级响应, 已按键, 不能按键答复."""
_DISLIKED = ("回复确认收货", "回复收货")


def faults(form: Form) -> list[str]:
    """What is wrong with a template in itself; Chinese sentences without a full stop."""
    gaps, named = _GAP.findall(form.words), [one.name for one in form.variables]
    found = [f"文字里的变量 ${{{name}}} 没有写在 variables 里" for name in dict.fromkeys(gaps) if name not in named]
    found += [f"variables 里的 {name} 在文字里没有用到" for name in named if name not in gaps]
    found += [f"变量 {name} 写了两次" for name in dict.fromkeys(named) if named.count(name) > 1]
    if _TOUCHING.search(form.words):
        found.append("两个变量挨在一起，会被驳回；请在中间加上文字")
    if gaps and not _GAP.sub("", form.words).strip("，。；：、,.;: "):
        found.append("整条都是变量，会被驳回")
    if bad := _FORBIDDEN.search(form.words):
        found.append(f"含有“{bad[0]}”，会被驳回（签名由服务商加）")
    found += [f"含有“{words}”一类的说法，会被驳回" for words in _DISLIKED if words in form.words]
    if len(_GAP.sub("", form.words)) + sum(one.longest for one in form.variables) > LONGEST:
        found.append(f"变量都填满时超过 {LONGEST} 字")
    return found


def asks_for_reply(form: Form) -> str:
    """The words by which a template asks for a text back, also where a variable holds them; empty where none do."""
    return _asks(form, _ASKING, _NOT_ASKING)


def asks_for_key(form: Form) -> str:
    """The words by which a script asks for a key in the call, also where a variable holds them; empty where none do."""
    return _asks(form, _PRESSING, _NOT_PRESSING)


def _asks(form: Form, asking: re.Pattern[str], not_asking: re.Pattern[str]) -> str:
    values = {one.name: one.value for one in form.variables}
    words = _GAP.sub(lambda gap: values.get(gap[1], ""), form.words)
    found = asking.search(not_asking.sub("", words))
    return found[0].strip() if found else ""


def example(form: Form, filled: Filled) -> str:
    """The text as a phone would show it."""
    return _GAP.sub(lambda gap: filled.named.get(gap[1], gap[0]), form.words)


def numbered(form: Form) -> str:
    """The same words with {1}, {2} … as providers with ordered variables write them."""
    order = {one.name: str(at) for at, one in enumerate(form.variables, 1)}
    return _GAP.sub(lambda gap: f"{{{order.get(gap[1], gap[1])}}}", form.words)


def against_approved(form: Form, approved: Mapping[str, str]) -> str:
    """How the template differs from what was approved under its code; empty where it does not."""
    words = approved.get(form.code)
    if words is None:
        return f"编号 {form.code} 不在已核准的清单里"
    if _bare(words) not in (_bare(form.words), _bare(numbered(form))):
        return f"编号 {form.code} 核准的文字不同：{words}"
    return ""


def _bare(words: str) -> str:
    return re.sub(r"\s+", "", words)
