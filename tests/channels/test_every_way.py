"""Every way of docs/ways.md can be set up in the channels file, and none of them without leave."""

import json
from pathlib import Path
from typing import Any

import pytest

from callout.channels import TYPES, load
from callout.channels.building import Surroundings, assemble, described
from callout.domain.errors import CalloutError
from callout.domain.instant import Instant
from callout.ports import ChannelsPlan
from callout.rulebook.providers import read_channels
from tests.channels.desk import Ear

ACCOUNTS: dict[str, dict[str, Any]] = {
    "aliyun_sms": {
        "access_key_id": "a", "access_key_secret_env": "CALLOUT_A", "key_env": "CALLOUT_K", "sign_name": "x",
    },
    "aliyun_voice": {
        "access_key_id": "a", "access_key_secret_env": "CALLOUT_A", "key_env": "CALLOUT_K",
        "called_show_number": "1", "thanks_code": "TTS_1",
    },
    "cmpp": {"host": "10.0.0.1", "sp_id": "901234", "src_id": "10690000", "secret_env": "CALLOUT_A", "protocol": "3.0"},
    "gammu": {"smsdrc": "/etc/gammu-smsdrc"},
    "http_gateway": {"url": "http://10.0.0.1/send", "key_env": "CALLOUT_K", "params": {"to": "{to}"}},
    "sip": {"trunk": "10.0.0.1", "user": "1", "lexicon": {"浚县": "xun4 xian4"}, "recordings": "/srv/words"},
    "smpp": {"host": "10.0.0.1", "system_id": "a", "src_id": "1", "secret_env": "CALLOUT_A"},
    "tencent_sms": {
        "secret_id": "a", "secret_key_env": "CALLOUT_A", "key_env": "CALLOUT_K", "app_id": "1", "sign_name": "x",
    },
    "tencent_voice": {"secret_id": "a", "secret_key_env": "CALLOUT_A", "key_env": "CALLOUT_K", "app_id": "1"},
}  # fmt: skip


@pytest.mark.parametrize("kind", [kind for kind in TYPES if not kind.startswith("twilio")])
def test_every_way_can_be_set_up_in_the_channels_file(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "channels.yaml"
    file.write_text(json.dumps({"providers": [{"name": "way", "type": kind, "settings": ACCOUNTS[kind]}]}))
    (entry,) = read_channels(file, TYPES, lambda name: load(name).Config).providers
    assert entry.real
    around = Surroundings(False, {}, lambda: Instant(0), Ear().hear)
    with pytest.raises(CalloutError, match="CALLOUT_LIVE=1"):
        assemble(ChannelsPlan((entry,)), around)


@pytest.mark.parametrize("kind", [kind for kind in TYPES if kind.startswith(("aliyun", "http", "tencent", "smpp"))])
def test_every_way_says_what_it_can_do_before_its_secrets_are_set(tmp_path: Path, kind: str) -> None:
    """`callout doctor` asks before the season, on a desk that has no secret."""
    file = tmp_path / "channels.yaml"
    file.write_text(json.dumps({"providers": [{"name": "way", "type": kind, "settings": ACCOUNTS[kind]}]}))
    [provider] = described(read_channels(file, TYPES, lambda name: load(name).Config), "https://callout.example")
    assert provider.channel.abilities("+86").reaches
