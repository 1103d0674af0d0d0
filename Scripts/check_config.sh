#!/bin/bash
# Tests the files in Config/ with the programs that read them: promtool, Caddy, systemd-analyze, and nginx with a
# running service behind it.
#
# usage: check_config.sh DEEPDREAM PHOTO
set -eu
deepdream=$(realpath "$1") photo=$(realpath "$2")
cd "$(dirname "$0")/.."
work=$(mktemp -d)
processes=()
finish() {
    for process in "${processes[@]}"; do kill "$process" 2> /dev/null || true; done
    wait
    rm -rf "$work"
}
trap finish EXIT
fail() { echo "check_config: $*" >&2; exit 1; }
# expect WHAT EXPECTED FOUND
expect() { [[ $3 == "$2" ]] || fail "$1: expected $2, found $3"; echo "ok: $1"; }
status() { curl -sS -o "$work/body" -w '%{http_code}' "$@"; }
# Waits until a command succeeds.
await() { for _ in {1..100}; do if "$@" 2> /dev/null; then return; fi; sleep 0.2; done; fail "$* never succeeded"; }

# Prometheus
promtool check config Config/prometheus.yaml
promtool test rules Tests/Config/prometheus-alerts.yaml

# Caddy
caddy validate --adapter caddyfile --config Config/Caddyfile > "$work/caddy.log" 2>&1 \
    || { cat "$work/caddy.log" >&2; fail "Caddy refuses Config/Caddyfile"; }
echo "ok: Caddyfile"

# systemd, which wants the program to be there
sed "s|/usr/bin/deepdream|$deepdream|" Config/deepdream.service > "$work/deepdream.service"
problems=$(systemd-analyze verify --man=no "$work/deepdream.service" 2>&1 | grep -F deepdream.service || true)
[[ -z $problems ]] || fail "$problems"
echo "ok: systemd unit"

# nginx: the site, with the ports changed, the prefix switched on, and few files at once
service_port=5058 nginx_port=5059 nginx=http://127.0.0.1:5059
# A dream that would take too long is refused once the speed of its model is known, so each endless one has its own.
mkdir "$work/models"
for name in leaving watched late; do
    cp Sources/CEmbeddedModel/inception_v3_rendered.safetensors "$work/models/$name.safetensors"
done
DEEPDREAM_CONFIG=Config/deepdream.yaml "$deepdream" serve --host 127.0.0.1 --port $service_port --log-format json \
    --log-level debug --deadline-seconds 75 --data-directory "$work/jobs" --models "$work/models" 2> "$work/service.log" &
processes+=($!)
sed -e "s/127.0.0.1:5000/127.0.0.1:$service_port/" -e "s/listen 80;/listen 127.0.0.1:$nginx_port;/" \
    -e '/listen \[::\]/d' -e 's/#: //' Config/nginx.conf > "$work/site.conf"
cat > "$work/nginx.conf" << EOF
daemon off;
# Root's workers would be nobody's, who may not use these directories; for others nginx ignores this.
user $(id -un) $(id -gn);
pid $work/nginx.pid;
error_log $work/error.log info;
events {}
http {
    access_log off;
    client_body_temp_path $work/bodies;
    proxy_temp_path $work/proxy;
    fastcgi_temp_path $work/fastcgi;
    uwsgi_temp_path $work/uwsgi;
    scgi_temp_path $work/scgi;
    include $work/site.conf;
}
EOF
nginx -p "$work" -c "$work/nginx.conf" 2> "$work/nginx.log" &
processes+=($!)
await "$deepdream" health --ready --host 127.0.0.1 --port $service_port
await curl -fsS -o "$work/body" $nginx/healthz

expect "health through nginx" 200 "$(status $nginx/healthz)"
curl -fsS $nginx/metrics | promtool check metrics || fail "promtool refuses /metrics"
echo "ok: metrics"
small=(-F "image=@$photo" -F octaves=1 -F steps=1 -F size=max:128)
expect "a dream" 200 "$(status "${small[@]}" $nginx/deepdream)"
cp "$work/body" "$work/dream"
expect "a dream under a prefix" 200 "$(status "${small[@]}" $nginx/dreams/deepdream)"
cmp "$work/body" "$work/dream" || fail "the dream under a prefix differs"
expect "the page under a prefix" 200 "$(status $nginx/dreams/)"
script=$(sed -n 's|.*<script[^>]* src="\([^"]*\)".*|\1|p' "$work/body" | head -n 1)
[[ -n $script && $script != /* && $script != *://* ]] || fail "the page's script leaves the prefix: '$script'"
expect "the page's script under a prefix" 200 "$(status "$nginx/dreams/$script")"
expect "metrics under a prefix" 404 "$(status $nginx/dreams/metrics)"
# Larger than all of nginx's buffers in memory, so it goes through a file.
head -c 15000000 /dev/zero > "$work/zeros"
expect "an upload past nginx's buffers" 415 "$(status -F "image=@$work/zeros" $nginx/deepdream)"
grep -q '"type":"urn:problem-type:deepdream:' "$work/body" || fail "the service's problem did not arrive"
head -c 25000000 /dev/zero > "$work/zeros"
expect "too large an upload" 413 "$(status -F "image=@$work/zeros" $nginx/deepdream)"
endless=(-F "image=@$photo" -F octaves=12 -F steps=2000 -F size=max:1024)
# A client that leaves cancels its dream through nginx.
curl -sS -o /dev/null --max-time 3 -F model=leaving "${endless[@]}" $nginx/deepdream || true
cancelled() { curl -sS 127.0.0.1:$service_port/metrics | grep -q 'outcome="client-left"} 1'; }
await cancelled
echo "ok: a client that leaves cancels its dream"
# Events of a job arrive while it runs: nginx does not collect them.
job=$(curl -sS -o "$work/body" -D - -F model=watched "${endless[@]}" $nginx/jobs | sed -n 's|^[Ll]ocation: .*\(jobs/[^[:space:]]*\).*|\1|p')
[[ -n $job ]] || fail "POST /jobs told no location: $(cat "$work/body")"
progresses() { timeout 30 curl -sSN "$nginx/$job/events" | grep -q -m 1 '^event: progress'; }
progresses || fail "no event of a running job arrived"
echo "ok: events through nginx"
curl -fsS -o "$work/body" -X DELETE "$nginx/$job" || fail "the job cannot be cancelled through nginx"
# Longer than nginx waits by default (60 s): the answer is the service's 504, not nginx's page.
expect "a dream of 75 seconds" 504 "$(status -F model=late "${endless[@]}" $nginx/deepdream)"
grep -q 'deadline-passed' "$work/body" || fail "nginx gave up before the service"
request=$(curl -sS -o /dev/null -D - $nginx/healthz | sed -n 's/^[Xx]-[Rr]equest-[Ii][Dd]: \([0-9a-f]*\).*/\1/p')
logged() { grep -q "$request" "$work/service.log"; }
[[ -n $request ]] || fail "no request ID"
await logged
echo "ok: nginx's request ID is in the service's log"
# Last, as it uses up the rate.
codes=$(for _ in {1..9}; do status -F x=y $nginx/deepdream; echo; done | sort -u | tr '\n' ' ')
expect "nginx limits the rate" "400 429 " "$codes"
echo "check_config: all is well"
