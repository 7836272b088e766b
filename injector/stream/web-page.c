/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bare page to try the protocol with: an area that takes keys, mouse, wheel,
 * touch and pen.
 */
#include <stddef.h>
#include <string.h>

#include "injector/stream/web-page.h"

static const char html[] =
	"<!doctype html><html lang=en><meta charset=utf-8>"
	"<meta name=viewport content='width=device-width'>"
	"<title>vinput</title><link rel=stylesheet href=page.css>"
	"<link rel=icon href=icon.svg>"
	"<div id=area tabindex=0 autofocus></div><pre id=state></pre>"
	"<script src=page.js></script></html>\n";

static const char css[] =
	"html,body{margin:0;height:100%}"
	"#area{width:100%;height:80%;background:#ddd;touch-action:none}"
	"#state{margin:.5em;white-space:pre-wrap}\n";

static const char icon[] =
	"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>"
	"<path d='M1 4h14v8H1z' fill='#888'/></svg>\n";

/*
 * What is held is kept in one place, `held`, from which each heartbeat is made.
 */
static const char js[] =
	"'use strict';\n"
	"const area = document.getElementById('area');\n"
	"const state = document.getElementById('state');\n"
	"const held = { keys: new Set(), buttons: new Set(),"
	" contacts: new Set(), pen: false };\n"
	"let socket, channel, peer, devices = [], beat;\n"
	"function say(text) { state.textContent = text; }\n"
	"function send(message) {\n"
	"  const way = channel && channel.readyState === 'open' ? channel :\n"
	"    socket;\n"
	"  if (way && (way === channel || way.readyState === 1))\n"
	"    way.send(JSON.stringify(message));\n"
	"}\n"
	"function pulse() {\n"
	"  send({ type: 'held', keys: [...held.keys],\n"
	"    buttons: { [mouseLabel()]: [...held.buttons] },\n"
	"    contacts: { '': [...held.contacts] }, pen: held.pen });\n"
	"}\n"
	"function letGo() {\n"
	"  held.keys.clear(); held.buttons.clear(); held.contacts.clear();\n"
	"  held.pen = false;\n"
	"  pulse();\n"
	"}\n"
	"async function offer() {\n"
	"  peer = new RTCPeerConnection();\n"
	"  channel = peer.createDataChannel('vinput.1');\n"
	"  await peer.setLocalDescription();\n"
	"  socket.send(JSON.stringify({ type: 'offer',\n"
	"    sdp: peer.localDescription.sdp }));\n"
	"}\n"
	"function hangUp() {\n"
	"  if (peer) peer.close();\n"
	"  peer = channel = null;\n"
	"}\n"
	"function connect() {\n"
	"  const ws = location.protocol === 'https:' ? 'wss:' : 'ws:';\n"
	"  socket = new WebSocket(ws + '//' + location.host + '/input',"
	" 'vinput.1');\n"
	"  socket.onopen = () => send({ type: 'hello', version: 1 });\n"
	"  socket.onmessage = e => {\n"
	"    const m = JSON.parse(e.data);\n"
	"    if (m.type === 'hello') {\n"
	"      clearInterval(beat);\n"
	"      beat = setInterval(pulse, m.heartbeat_ms);\n"
	"      if (m.rtc && self.RTCPeerConnection) offer();\n"
	"    } else if (m.type === 'answer' && peer)\n"
	"      peer.setRemoteDescription({ type: 'answer', sdp: m.sdp });\n"
	"    else if (m.type === 'devices') devices = m.devices;\n"
	"    say(e.data);\n"
	"  };\n"
	"  socket.onclose = () => {\n"
	"    clearInterval(beat);\n"
	"    hangUp();\n"
	"    held.keys.clear(); held.buttons.clear(); held.contacts.clear();\n"
	"    say('disconnected');\n"
	"    setTimeout(connect, 1000);\n"
	"  };\n"
	"}\n"
	"function key(e, down) {\n"
	"  e.preventDefault();\n"
	"  if (e.isComposing || !e.code) return;\n"
	"  down ? held.keys.add(e.code) : held.keys.delete(e.code);\n"
	"  send({ type: 'key', code: e.code, down, repeat: e.repeat });\n"
	"}\n"
	"area.addEventListener('keydown', e => key(e, true));\n"
	"area.addEventListener('keyup', e => key(e, false));\n"
	"const has = role => devices.some(d => d.roles.includes(role));\n"
	"function place(e) {\n"
	"  const r = area.getBoundingClientRect();\n"
	"  const at = (v, min, size) =>\n"
	"    Math.min(1, Math.max(0, (v - min) / size));\n"
	"  return { x: at(e.clientX, r.left, r.width),\n"
	"    y: at(e.clientY, r.top, r.height) };\n"
	"}\n"
	"function contact(e, down) {\n"
	"  const c = { id: e.pointerId, down, ...place(e) };\n"
	"  if (down) {\n"
	"    c.pressure = e.pressure;\n"
	"    c.major = Math.min(1, Math.max(e.width, e.height) /"
	" area.clientWidth);\n"
	"    c.minor = Math.min(1, Math.min(e.width, e.height) /"
	" area.clientWidth);\n"
	"    held.contacts.add(e.pointerId);\n"
	"  } else held.contacts.delete(e.pointerId);\n"
	"  send({ type: 'touch', contacts: [c] });\n"
	"}\n"
	"function pen(e, near) {\n"
	"  held.pen = near;\n"
	"  if (!near) return send({ type: 'pen', near });\n"
	"  send({ type: 'pen', near, ...place(e), pressure: e.pressure,\n"
	"    tiltX: e.tiltX, tiltY: e.tiltY, buttons: e.buttons >> 1 & 1,\n"
	"    eraser: (e.buttons & 32) !== 0 });\n"
	"}\n"
	"const mouseLabel = () => has('tablet') ?\n"
	"  devices.find(d => d.roles.includes('tablet')).label : '';\n"
	"function buttons(e) {\n"
	"  for (const [bit, button] of [[1, 0], [4, 1], [2, 2], [8, 3],"
	" [16, 4]]) {\n"
	"    const down = (e.buttons & bit) !== 0;\n"
	"    if (down === held.buttons.has(button)) continue;\n"
	"    down ? held.buttons.add(button) : held.buttons.delete(button);\n"
	"    const device = mouseLabel();\n"
	"    send({ type: 'button', button, down, ...(device && { device }) "
	"});\n"
	"  }\n"
	"}\n"
	"function mouse(e) {\n"
	"  if (has('tablet')) send({ type: 'position', ...place(e) });\n"
	"  else if (e.movementX || e.movementY)\n"
	"    send({ type: 'motion', x: e.movementX, y: e.movementY });\n"
	"  buttons(e);\n"
	"}\n"
	"function pointer(e, down) {\n"
	"  e.preventDefault();\n"
	"  area.focus();\n"
	"  if (e.type === 'pointerdown') area.setPointerCapture(e.pointerId);\n"
	"  if (e.pointerType === 'touch') {\n"
	"    if (down !== null || held.contacts.has(e.pointerId))\n"
	"      contact(e, down !== false);\n"
	"  } else if (e.pointerType === 'pen' && has('pen'))\n"
	"    pen(e, e.type !== 'pointerleave');\n"
	"  else mouse(e);\n"
	"}\n"
	"area.addEventListener('pointerdown', e => pointer(e, true));\n"
	"area.addEventListener('pointerup', e => pointer(e, false));\n"
	"area.addEventListener('pointercancel', e => pointer(e, false));\n"
	"area.addEventListener('pointermove', e => pointer(e, null));\n"
	"area.addEventListener('pointerleave', e => {\n"
	"  if (e.pointerType === 'pen') pointer(e, null);\n"
	"});\n"
	"area.addEventListener('contextmenu', e => e.preventDefault());\n"
	"let rest = [0, 0];\n"
	"area.addEventListener('wheel', e => {\n"
	"  e.preventDefault();\n"
	"  const unit = [1, 40, 800][e.deltaMode];\n"
	"  rest = [rest[0] + e.deltaX * unit, rest[1] + e.deltaY * unit];\n"
	"  const clip = v => Math.max(-12000, Math.min(12000,"
	" Math.trunc(v)));\n"
	"  const x = clip(rest[0]), y = clip(rest[1]);\n"
	"  rest = [rest[0] - x, rest[1] - y];\n"
	"  if (x || y) send({ type: 'wheel', x, y });\n"
	"}, { passive: false });\n"
	"addEventListener('blur', letGo);\n"
	"addEventListener('pagehide', letGo);\n"
	"document.addEventListener('visibilitychange', () => {\n"
	"  if (document.hidden) letGo();\n"
	"});\n"
	"connect();\n";

static const struct web_file files[] = {
	{ "/", "text/html; charset=utf-8", html },
	{ "/icon.svg", "image/svg+xml", icon },
	{ "/page.css", "text/css; charset=utf-8", css },
	{ "/page.js", "text/javascript; charset=utf-8", js },
};

/*
 * Not a redirection: after a link of another site that would be a request of
 * that site, which has no SameSite=Strict cookie.
 */
const struct web_file web_page_entry = {
	NULL,
	"text/html; charset=utf-8",
	"<!doctype html><html lang=en><meta charset=utf-8>"
	"<meta http-equiv=refresh content='0;url=/'>"
	"<title>vinput</title><a href='/'>Continue</a></html>\n",
};

const struct web_file *web_page_find(const char *path)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (!strcmp(files[i].path, path))
			return &files[i];
	return NULL;
}
