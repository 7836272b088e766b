/* SPDX-License-Identifier: Apache-2.0 */
/* What was chosen here, until the next time; browsers may forbid it. */
export function remember(name, value)
{
	try {
		localStorage.setItem(name, value);
	} catch {
		/* then it lasts as long as the page */
	}
}

/* Return: ''; if there is none. */
export function recall(name)
{
	try {
		return localStorage.getItem(name) || '';
	} catch {
		return '';
	}
}
