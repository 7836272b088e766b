// SPDX-License-Identifier: Apache-2.0
// noVNC without vinput-stream, to compare with: its files, and a relay that
// changes nothing.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { atEnd } from './rig.mjs';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'; /* RFC 6455 §1.3 */
const NOVNC = resolve('build/novnc/node_modules/@novnc/novnc');
const PAGE = `<!doctype html><title>noVNC</title><div id="s"></div>
<script type="module">
import RFB from '/novnc/core/rfb.js';
window.rfb = new RFB(document.getElementById('s'),
		     'ws://' + location.host + '/', {});
rfb.scaleViewport = true;
</script>`;

// Frames of a client: whole ones, up to 64 KiB.
function unmask(bytes, take)
{
	for (;;) {
		const long = (bytes[1] & 0x7f) === 126;
		const head = long ? 8 : 6;

		if (bytes.length < head)
			return bytes;
		const length = long ? bytes.readUInt16BE(2) : bytes[1] & 0x7f;

		if (bytes.length < head + length)
			return bytes;
		const mask = bytes.subarray(head - 4, head);

		if ((bytes[0] & 15) === 2)
			take(bytes.subarray(head, head + length).map(
				(v, i) => v ^ mask[i % 4]));
		bytes = bytes.subarray(head + length);
	}
}

// Of a binary message; its length MUST be as short as it can.
function frameHead(length)
{
	if (length < 126)
		return Buffer.from([0x82, length]);
	if (length < 65536)
		return Buffer.from([0x82, 126, length >> 8, length & 255]);
	const head = Buffer.alloc(10);

	head.set([0x82, 127]);
	head.writeBigUInt64BE(BigInt(length), 2);
	return head;
}

function relay(request, socket, path)
{
	const accept = createHash('sha1')
		.update(request.headers['sec-websocket-key'] + GUID)
		.digest('base64');
	const vnc = connect(path);
	let rest = Buffer.alloc(0);

	socket.setNoDelay();
	socket.write('HTTP/1.1 101 Switching Protocols\r\n' +
		     'Upgrade: websocket\r\nConnection: Upgrade\r\n' +
		     `Sec-WebSocket-Accept: ${accept}\r\n\r\n`);
	vnc.on('data', data => socket.write(
		Buffer.concat([frameHead(data.length), data])));
	socket.on('data', data => {
		rest = unmask(Buffer.concat([rest, data]),
			      payload => vnc.write(payload));
	});
	for (const [from, to] of [[vnc, socket], [socket, vnc]])
		from.on('close', () => to.destroy()).on('error', () => {});
}

// Of the VNC server at this path. Return: the URL of a page.
export async function servePlain(path)
{
	const server = createServer(({ url }, response) => {
		const isFile = url.startsWith('/novnc/');

		response.setHeader('content-type',
				   isFile ? 'text/javascript' : 'text/html');
		response.end(isFile ? readFileSync(join(NOVNC, url.slice(6)))
				    : PAGE);
	});

	server.on('upgrade', (request, socket) => relay(request, socket, path));
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	atEnd(() => server.close());
	return `http://127.0.0.1:${server.address().port}/`;
}
