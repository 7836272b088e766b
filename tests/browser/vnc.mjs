// SPDX-License-Identifier: Apache-2.0
// A VNC server: a screen of squares, each of another colour, which changes its
// size and its picture when it is told to. What viewers do besides looking is
// counted.
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { atEnd } from './rig.mjs';

const SQUARE = 16;
const DESKTOP_SIZE = -223; /* RFC 6143 §7.8.2 */
const CURSOR = -239; /* RFC 6143 §7.8.1 */

export class Vnc {
	width = 320;
	height = 192;
	shift = 0; /* of the colours */
	name = 'test';
	viewers = new Set();
	encodings = []; /* that the last viewer has asked for */
	other = 0; /* messages that do more than looking */
	onKey = null; /* is called for a key that goes down; else that is such */

	path;
	#server;

	constructor(path)
	{
		this.path = path;
		atEnd(() => this.stop());
	}

	async start()
	{
		this.#server = createServer(socket => this.#serve(socket));
		this.#server.listen(this.path);
		await once(this.#server, 'listening');
	}

	stop()
	{
		this.#server?.close();
		for (const viewer of this.viewers)
			viewer.destroy();
		rmSync(this.path, { force: true });
	}

	// The colour of a pixel, 0..255 each.
	colour(x, y)
	{
		const n = Math.floor(x / SQUARE) + 21 * Math.floor(y / SQUARE) +
			this.shift;

		return [n * 40 % 256, n * 24 % 256, n * 88 % 256];
	}

	resize(width, height)
	{
		const size = Buffer.alloc(16);

		Object.assign(this, { width, height });
		size.writeUInt16BE(1, 2);
		size.writeUInt16BE(width, 8);
		size.writeUInt16BE(height, 10);
		size.writeInt32BE(DESKTOP_SIZE, 12);
		for (const viewer of this.viewers)
			viewer.write(size);
	}

	// A square of this colour, as pointer: its hot spot is in the middle.
	setCursor(size, colour)
	{
		for (const viewer of this.viewers) {
			const order = viewer.shifts.map(shift => shift / 8);
			const pixels = Buffer.alloc(4 * size * size);
			const head = Buffer.alloc(16);

			head.writeUInt16BE(1, 2);
			[size >> 1, size >> 1, size, size].forEach(
				(v, i) => head.writeUInt16BE(v, 4 + 2 * i));
			head.writeInt32BE(CURSOR, 12);
			for (let at = 0; at < pixels.length; at += 4)
				colour.forEach((v, i) =>
					pixels[at + order[i]] = v);
			viewer.write(Buffer.concat([head, pixels,
				Buffer.alloc(size * ((size + 7) >> 3), 255)]));
		}
	}

	paint(shift = this.shift)
	{
		this.shift = shift;
		for (const viewer of this.viewers)
			this.#paint(viewer);
	}

	// All of it: Raw, 32 bits in the viewer's order.
	#paint(viewer)
	{
		const order = viewer.shifts.map(shift => shift / 8);
		const { width, height } = this;
		const picture = Buffer.alloc(16 + 4 * width * height);
		let at = 16;

		/* The fourth byte is opaque where noVNC 1.3 takes it as it is. */
		picture.fill(255, 16);
		picture.writeUInt16BE(1, 2);
		picture.writeUInt16BE(width, 8);
		picture.writeUInt16BE(height, 10);
		for (let y = 0; y < height; y++)
			for (let x = 0; x < width; x++, at += 4)
				this.colour(x, y).forEach((v, i) =>
					picture[at + order[i]] = v);
		viewer.write(picture);
	}

	async #serve(socket)
	{
		const read = reader(socket);

		socket.shifts = [0, 8, 16];
		this.viewers.add(socket);
		socket.on('error', () => {});
		socket.on('close', () => this.viewers.delete(socket));
		socket.write('RFB 003.008\n');
		await read(12);
		socket.write(Buffer.from([1, 1]));
		await read(1);
		socket.write(Buffer.alloc(4));
		await read(1);
		socket.write(this.#init());
		for (;;)
			await this.#take(socket, read);
	}

	#init()
	{
		const init = Buffer.alloc(24 + 4);

		init.writeUInt16BE(this.width, 0);
		init.writeUInt16BE(this.height, 2);
		/* 32 bits, of which 24 are used; red comes first. */
		init.set([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 0, 8, 16], 4);
		init.writeUInt32BE(4, 20);
		init.write(this.name, 24);
		return init;
	}

	async #take(socket, read)
	{
		const [type] = await read(1);

		if (type === 0) {
			socket.shifts = [...await read(19)].slice(13, 16);
		} else if (type === 2) {
			const n = (await read(3)).readUInt16BE(1);
			const list = await read(4 * n);

			this.encodings = Array.from({ length: n }, (_, i) =>
				list.readInt32BE(4 * i));
		} else if (type === 3) {
			const [incremental] = await read(9);

			if (!incremental)
				this.#paint(socket);
		} else if (type === 4 && this.onKey) {
			const [down] = await read(7);

			if (down)
				this.onKey();
		} else {
			this.other++;
			socket.destroy();
		}
	}
}

// A function that waits for so many bytes.
function reader(socket)
{
	let bytes = Buffer.alloc(0), wanted = null;
	const serve = () => {
		if (!wanted || bytes.length < wanted.n)
			return;
		const { n, resolve } = wanted;
		const taken = bytes.subarray(0, n);

		wanted = null;
		bytes = bytes.subarray(n);
		resolve(taken);
	};

	socket.on('data', data => {
		bytes = Buffer.concat([bytes, data]);
		serve();
	});
	return n => new Promise(resolve => {
		wanted = { n, resolve };
		serve();
	});
}
