// SPDX-License-Identifier: Apache-2.0
// A network between a browser and vinput-stream that can be lost: an HTTP proxy
// for pages and WebSockets, and a relay for the datagrams of WebRTC.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { connect } from 'node:net';

const HOST = '127.0.0.1';

export class Link {
	datagrams = 0;
	#isCut = false;
	#proxy = createServer((request, response) =>
		Link.#forward(request, response));
	#udp = createSocket('udp4');
	#sockets = new Set();
	#rtcPort; /* the server's */
	#browser = null; /* where its datagrams come from */

	static async open(rtcPort)
	{
		const link = new Link();

		link.#rtcPort = rtcPort;
		link.#proxy.on('connect', (request, socket) =>
			link.#tunnel(request, socket));
		link.#proxy.listen(0, HOST);
		link.#udp.on('message', (data, from) =>
			link.#relay(data, from));
		link.#udp.bind(0, HOST);
		await Promise.all([once(link.#proxy, 'listening'),
				   once(link.#udp, 'listening')]);
		return link;
	}

	get proxy()
	{
		return `http://${HOST}:${this.#proxy.address().port}`;
	}

	get udpPort()
	{
		return this.#udp.address().port;
	}

	// Nothing passes any more, and nobody is told.
	cut()
	{
		this.#isCut = true;
		this.#sockets.forEach(socket => socket.pause());
	}

	mend()
	{
		this.#isCut = false;
		this.#sockets.forEach(socket => socket.resume());
	}

	close()
	{
		this.#sockets.forEach(socket => socket.destroy());
		this.#proxy.close();
		this.#udp.close();
	}

	static #forward(request, response)
	{
		const onward = httpRequest(request.url, {
			method: request.method, headers: request.headers });

		onward.on('response', reply => {
			response.writeHead(reply.statusCode, reply.rawHeaders);
			reply.pipe(response);
		});
		onward.on('error', () => response.destroy());
		request.pipe(onward);
	}

	#tunnel(request, browser)
	{
		const [host, port] = request.url.split(':');
		const server = connect(port, host);
		const ends = [browser, server];

		browser.write('HTTP/1.1 200 OK\r\n\r\n');
		ends.forEach((socket, i) => {
			const other = ends[1 - i];

			this.#sockets.add(socket);
			socket.on('data', data => other.write(data));
			socket.on('error', () => other.destroy());
			socket.on('close', () => {
				this.#sockets.delete(socket);
				other.destroy();
			});
		});
	}

	#relay(data, from)
	{
		if (this.#isCut)
			return;
		this.datagrams++;
		if (from.port === this.#rtcPort) {
			if (this.#browser)
				this.#udp.send(data, this.#browser, HOST);
			return;
		}
		this.#browser = from.port;
		this.#udp.send(data, this.#rtcPort, HOST);
	}
}

// Run it in the page before its scripts: it finds the relay where the server's
// candidate would be.
export function useRelay(port)
{
	const real = RTCPeerConnection.prototype.setRemoteDescription;

	RTCPeerConnection.prototype.setRemoteDescription = function (d) {
		const sdp = d.sdp.replace(/(a=candidate:.* 127\.0\.0\.1 )\d+/g,
					  `$1${port}`);

		return real.call(this, { type: d.type, sdp });
	};
}

// A UDP port that was free a moment ago.
export async function freePort()
{
	const socket = createSocket('udp4').bind(0, HOST);

	await once(socket, 'listening');
	const { port } = socket.address();

	socket.close();
	await once(socket, 'close');
	return port;
}
