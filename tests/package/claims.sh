# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# Sourced by the tests here, from the top of the source tree: $1 is the build
# folder, $dir a temporary one.

set -u
build=$(cd "$1" && pwd)
dir=$(mktemp -d)
pids=
failed=0

end() {
	for pid in $pids; do
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	rm -rf "$dir"
}
trap end EXIT
trap 'exit 1' HUP INT TERM

# claim WORDS COMMAND...: say whether it holds.
claim() {
	name=$1
	shift
	if "$@"; then
		echo "ok $name"
	else
		echo "not ok $name"
		failed=1
	fi
}

# same WANTED GOT: whether two files are equal; shows how they differ.
same() {
	diff -u "$1" "$2"
}

finish() {
	exit "$failed"
}
