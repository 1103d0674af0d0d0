#!/bin/bash
# Installs the Debian package in a bare Debian made with debootstrap, dreams and serves in it, and removes it again.
# Needs root and a Debian mirror.
#
# usage: check_package.sh PACKAGE PHOTO [MIRROR]
set -eu
package=$(realpath "$1") photo=$(realpath "$2") mirror=${3:-http://deb.debian.org/debian}
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
root=$(mktemp -d)
service=
finish() {
    [[ -z $service ]] || kill "$service" 2> /dev/null || true
    umount "$root/proc" 2> /dev/null || true
    rm -rf --one-file-system "$root"
}
trap finish EXIT
fail() { echo "check_package: $*" >&2; exit 1; }
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"; }

debootstrap --variant=minbase "$release" "$root" "$mirror" > "$root.log" 2>&1 || { tail "$root.log" >&2; exit 1; }
rm "$root.log"
# mktemp's directory is root's alone, but the service runs as another user.
chmod 755 "$root"
# Without /proc the program could not tell its memory and its control group.
mount -t proc proc "$root/proc" 2> /dev/null || echo "no permission to mount /proc; going on without" >&2
cp "$package" "$root/tmp/package.deb"
cp "$photo" "$root/tmp/photo.jpg"
inside DEBIAN_FRONTEND=noninteractive apt-get update -q > /dev/null
inside DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends /tmp/package.deb > "$root/tmp/install.log" 2>&1 \
    || { cat "$root/tmp/install.log" >&2; fail "the package cannot be installed"; }

for program in curl swift python3; do
    ! inside sh -c "command -v $program" > /dev/null || fail "$program is there, so its absence proves nothing"
done
inside deepdream --version
inside deepdream model list
inside deepdream dream --steps 1 /tmp/photo.jpg /tmp/command.jpg > /dev/null
test -s "$root/tmp/command.jpg" || fail "no dream"

# As the unit does: a user without rights.
chroot --userspec=65534:65534 "$root" /usr/bin/env -i DEEPDREAM_PORT=5057 DEEPDREAM_HOST=127.0.0.1 \
    /usr/bin/deepdream serve 2> "$root/tmp/service.log" &
service=$!
health() { inside DEEPDREAM_PORT=5057 DEEPDREAM_HOST=127.0.0.1 deepdream health "$@"; }
for _ in {1..100}; do
    if health 2> /dev/null; then break; fi
    sleep 0.2
done
health --ready || { cat "$root/tmp/service.log" >&2; fail "the service is not ready"; }
curl -fsS -F image=@"$photo" "127.0.0.1:5057/deepdream?steps=1" -o "$root/tmp/service.jpg"
cmp "$root/tmp/command.jpg" "$root/tmp/service.jpg" || fail "the service and the command dream differently"
kill -TERM "$service"
wait "$service" || fail "the service ended with $?"
service=
! health 2> /dev/null || fail "health says that a stopped service is alive"

inside DEBIAN_FRONTEND=noninteractive dpkg --purge deepdream-server > /dev/null
left=$(find "$root"/{etc,usr,lib,var/lib} -path '*deepdream*' -not -path "$root/var/lib/dpkg/*" -print)
[[ -z $left ]] || fail "the purged package left: $left"
echo "check_package: installed, dreamt, served, purged"
