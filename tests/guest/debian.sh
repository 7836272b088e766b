# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# Sourced by fetch-*: downloads and unpacks Debian packages without installing
# them. apt gets lists and a cache of its own below build/guest/apt, so that
# neither root nor a change to the machine is needed; the archive's address, the
# proxy and the keys are those of the machine's own apt. Of the machine's state,
# only the list of installed packages is read: those are not fetched.

GUEST=${GUEST:-build/guest}

# Print why the guest cannot run here; the status means "skipped".
skip() {
	echo "guest: $*" >&2
	exit 77
}

codename() {
	sed -n 's/^VERSION_CODENAME=//p' /etc/os-release
}

# The Debian main archive. Where the lists were removed, apt still knows its
# sources, but not their origin.
archive_uri() {
	uri=$(apt-get indextargets --format \
		'$(ORIGIN)|$(LABEL)|$(CODENAME)|$(COMPONENT)|$(REPO_URI)' \
		2>/dev/null |
		sed -n "s/^Debian|Debian|$(codename)|main|//p" | head -n 1)
	[ -n "$uri" ] || uri=$(apt-get update --print-uris 2>/dev/null |
		sed -n "s,^'\(.*/debian/\)dists/$(codename)/InRelease'.*,\1,p" |
		head -n 1)
	echo "$uri"
}

# apt with our own state.
own() {
	prog=$1
	shift
	"$prog" -q -o Dir::Etc::sourcelist="$APT/sources.list" \
		-o Dir::Etc::sourceparts="$APT/none" \
		-o Dir::Etc::preferences="$APT/none" \
		-o Dir::Etc::preferencesparts="$APT/none" \
		-o Dir::State::lists="$APT/lists" -o Dir::Cache="$APT" \
		-o APT::Sandbox::User="$(id -un)" \
		-o APT::Update::Post-Invoke-Success::= \
		-o APT::Install-Recommends=false -o Debug::NoLocking=true "$@"
}

# Download packages of the archive into the current directory, whatever versions
# of them are installed.
download() {
	own apt-get download -o Dir::State::status=/dev/null "$@"
}

# apt_setup_in FOLDER SUITE...: create the state in build/guest/FOLDER and update
# the lists, at most once a day.
apt_setup_in() {
	command -v apt-get >/dev/null || skip "no apt-get to fetch packages with"
	mkdir -p "$GUEST/$1/lists/partial" "$GUEST/$1/archives/partial" \
		"$GUEST/$1/none"
	APT=$(cd "$GUEST/$1" && pwd)
	shift
	[ -z "$(find "$APT/updated" -mtime -1 2>/dev/null)" ] || return 0
	uri=$(archive_uri)
	[ -n "$uri" ] || skip "apt is configured with no Debian archive"
	key=/usr/share/keyrings/debian-archive-keyring.gpg
	for suite; do
		echo "deb [signed-by=$key] $uri $suite main"
	done >"$APT/sources.list"
	own apt-get update >"$APT/log" 2>&1 &&
		! grep -q '^[WE]: Failed' "$APT/log" ||
		skip "the Debian archive cannot be read, see $APT/log"
	touch "$APT/updated"
}

# The same for this machine's release.
apt_setup() {
	apt_setup_in apt "$(codename)" "$(codename)-backports"
}

# The libraries of a program, as its own loader finds them.
libraries() {
	"$all/$LIB/ld-linux-x86-64.so.2" --inhibit-cache --library-path \
		"$all/$LIB:$all/usr/$LIB:$all/usr/$LIB/systemd" --list "$all/$1" |
		sed -n 's,.* => \(/.*\) (0x.*,\1,p'
}

# unpack_programs PACKAGES PROGRAMS FILES: below $OUT/root, these programs and
# files of the packages, and the programs' libraries, without what else the
# packages have. The packages have all of the libraries. Does nothing if it was
# done before.
unpack_programs() {
	[ "$*" != "$(cat "$OUT/list" 2>/dev/null)" ] || return 0
	apt_setup
	LIB=lib/x86_64-linux-gnu
	rm -rf "$OUT.new"
	mkdir -p "$OUT.new/debs" "$OUT.new/all" "$OUT.new/root/$LIB"
	# shellcheck disable=SC2086 # words
	(cd "$OUT.new/debs" && download $1) >"$APT/log" 2>&1 ||
		skip "$(basename "$OUT") cannot be fetched, see $APT/log"
	for deb in "$OUT.new"/debs/*.deb; do
		dpkg-deb --extract "$deb" "$OUT.new/all"
	done
	all=$(cd "$OUT.new/all" && pwd)
	for file in $2 $3; do
		mkdir -p "$OUT.new/root/$(dirname "$file")"
		cp -rL "$all/$file" "$OUT.new/root/$file"
	done
	for program in $2; do
		libraries "$program"
	done | sort -u | xargs cp -Lt "$OUT.new/root/$LIB"
	mkdir "$OUT.new/root/lib64"
	cp -L "$all/$LIB/ld-linux-x86-64.so.2" "$OUT.new/root/lib64"
	echo "$*" >"$OUT.new/list"
	rm -rf "$OUT.new/debs" "$OUT.new/all" "$OUT"
	mv "$OUT.new" "$OUT"
}
