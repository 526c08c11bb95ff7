/* Live updates of the board. Everything works without this; it only spares the reloading. Plain old JavaScript. */
(function () {
  "use strict";
  var SILENT = 20000, offset = 0, heard = Date.now(), source = null, wanted = false, audio = null;
  var before = null, title = document.title, flashing = 0;
  var lost = document.getElementById("lost"), alarm = document.getElementById("alarm");
  var sound = document.getElementById("sound"), words = document.getElementById("state");

  function two(n) { return (n < 10 ? "0" : "") + n; }
  function clock(ms) { var d = new Date(ms + 8 * 3600000); return two(d.getUTCHours()) + ":" + two(d.getUTCMinutes()) + ":" + two(d.getUTCSeconds()); }
  function word(place, name) { return place.getAttribute("data-" + name); }
  function now() { return Date.now() + offset; }

  function openOnes(root) {
    var list = root.querySelectorAll("details[open]"), ids = [], i;
    for (i = 0; i < list.length; i += 1) { if (list[i].id) { ids.push(list[i].id); } }
    return ids;
  }

  function show(part) {
    var place = document.getElementById(part.id), ids, focused, i, again;
    if (!place) { return; }
    ids = openOnes(place);
    focused = place.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    place.innerHTML = part.html;
    for (i = 0; i < ids.length; i += 1) { again = document.getElementById(ids[i]); if (again) { again.open = true; } }
    if (focused) {
      again = place.querySelectorAll("a[href]");
      for (i = 0; i < again.length; i += 1) { if (again[i].getAttribute("href") === focused) { again[i].focus(); break; } }
    }
    count();
  }

  function count() {
    var list = document.querySelectorAll(".countdown"), i, left;
    for (i = 0; i < list.length; i += 1) {
      left = Math.round((Number(list[i].getAttribute("data-at")) - now()) / 1000);
      list[i].textContent = left > 59 ? word(words, "later").replace("{m}", Math.floor(left / 60)).replace("{s}", two(left % 60)) : left > 0 ? word(words, "soon").replace("{s}", left) : word(words, "now");
    }
  }

  function ring(said) {
    alarm.firstElementChild.textContent = said;
    alarm.hidden = false;
    if (!flashing) {
      flashing = setInterval(function () { document.title = document.title === title ? word(alarm, "look") + said : title; }, 900);
    }
    beep(0); beep(0.35); beep(0.7);
  }

  function beep(after) {
    var tone, volume;
    if (!audio) { return; }
    tone = audio.createOscillator(); volume = audio.createGain();
    tone.frequency.value = 880; volume.gain.value = 0.2;
    tone.connect(volume); volume.connect(audio.destination);
    tone.start(audio.currentTime + after); tone.stop(audio.currentTime + after + 0.2);
  }

  function calm() {
    clearInterval(flashing); flashing = 0; document.title = title; alarm.hidden = true;
  }

  function judge(data) {
    if (before && data.red > before.red) { ring(word(alarm, "red")); }
    if (before && data.said > before.said) { ring(word(alarm, "said")); }
    before = data;
  }

  function say(text) { lost.textContent = text; lost.hidden = !text; }

  function listen() {
    var address = "/events" + location.search;
    source = new EventSource(address);
    source.addEventListener("part", function (e) { alive(); show(JSON.parse(e.data)); });
    source.addEventListener("alarm", function (e) { alive(); judge(JSON.parse(e.data)); });
    source.addEventListener("tick", function (e) { offset = JSON.parse(e.data).at - Date.now(); alive(); });
    source.addEventListener("over", function () { source.close(); wanted = true; say(word(lost, "over")); });
  }

  function alive() { heard = Date.now(); document.body.setAttribute("data-live", "yes"); if (!wanted) { say(""); } }

  function watch() {
    count();
    if (wanted) { return; }
    if (Date.now() - heard > SILENT) {
      say(word(lost, "cut").replace("{at}", clock(heard + offset)));
    }
    if (source.readyState === 2 && Date.now() - heard > SILENT / 4) { heard = Math.min(heard, Date.now() - SILENT - 1); source.close(); listen(); }
  }

  if (!window.EventSource) { setTimeout(function () { location.reload(); }, 15000); return; }
  sound.hidden = !(window.AudioContext || window.webkitAudioContext);
  sound.addEventListener("click", function () {
    var Kind = window.AudioContext || window.webkitAudioContext;
    if (audio) { audio.close(); audio = null; } else { audio = new Kind(); beep(0); }
    sound.setAttribute("aria-pressed", audio ? "true" : "false");
    sound.textContent = word(sound, audio ? "off" : "on");
  });
  alarm.querySelector("button").addEventListener("click", calm);
  window.addEventListener("beforeunload", function () { source.close(); });
  listen();
  setInterval(watch, 1000);
  window.addEventListener("offline", function () { heard = Math.min(heard, Date.now() - SILENT - 1); watch(); });
}());
