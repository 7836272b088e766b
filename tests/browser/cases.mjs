// SPDX-License-Identifier: Apache-2.0
// Cases one after the other, reported as tests/run wants it.

const TIME_LIMIT_MS = 60000;

let failed = 0, skipped = 0;

// VINPUT_CASE: * stands for anything.
function chosen(name)
{
	const pattern = process.env.VINPUT_CASE || '*';
	const parts = pattern.split('*').map(
		part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));

	return RegExp(`^${parts.join('.*')}$`).test(name);
}

// "two_pads" of twoPads().
export const nameOf = f => f.name.replace(/[A-Z]/g,
					  c => `_${c.toLowerCase()}`);

class Skip extends Error {}

// The case cannot run on this machine.
export function skip(why)
{
	throw new Skip(why);
}

function timeLimit(ms)
{
	let timer;
	const promise = new Promise((resolve, reject) => {
		timer = setTimeout(() => reject(Error(`not done in ${ms} ms`)),
				   ms);
	});

	return { promise, clear: () => clearTimeout(timer) };
}

// What run() returns, if anything, is printed beside the name.
export async function runCase(name, run)
{
	const limit = timeLimit(TIME_LIMIT_MS);

	if (!chosen(name))
		return;
	try {
		const note = await Promise.race([run(), limit.promise]);

		console.log(`ok ${name}${note ? ` (${note})` : ''}`);
	} catch (error) {
		if (error instanceof Skip) {
			skipped++;
			console.log(`${error.message}\n[  SKIPPED ] ${name}`);
		} else {
			failed++;
			console.log(`not ok ${name}\n${error.stack}`);
		}
	} finally {
		limit.clear();
	}
}

// Return: the exit status.
export function summary()
{
	if (skipped)
		console.log(`[  SKIPPED ] ${skipped} test(s)`);
	return failed ? 1 : 0;
}
