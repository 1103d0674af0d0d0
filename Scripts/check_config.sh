#!/bin/bash
# Tests the files in Config/ with the programs that read them: promtool, Caddy, systemd-analyze, docker-compose, and
# nginx with a running service behind it.
#
# usage: check_config.sh DEEPDREAM PHOTO PYTHON, which has the packages of check_config_requirements.txt
set -eu
deepdream=$(realpath "$1") photo=$(realpath "$2") python=$(realpath -s "$3")
cd "$(dirname "$0")/.."
work=$(mktemp -d)
processes=()
finish() {
    # The service may be standing still.
    for process in "${processes[@]}"; do kill "$process" && kill -CONT "$process"; done 2> /dev/null || true
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

docker-compose -f Config/compose.yaml --profile monitoring config -q

# nginx: the site, with the ports changed, the prefix switched on, and few files at once
service_port=5058 nginx_port=5059 nginx=http://127.0.0.1:5059
DEEPDREAM_CONFIG=Config/deepdream.yaml "$deepdream" serve --host 127.0.0.1 --port $service_port --log-format json \
    --log-level debug --data-directory "$work/jobs" --trusted-proxies 127.0.0.1 2> "$work/service.log" &
service=$!
processes+=("$service")
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

"$python" Scripts/check_config.py "$deepdream" http://127.0.0.1:$service_port
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
# Many seconds, but not so many that the service refuses it.
long=(-F "image=@$photo" -F octaves=1 -F steps=2000)
# A client that leaves cancels its dream through nginx.
curl -sS -o /dev/null --max-time 3 "${long[@]}" $nginx/deepdream || true
cancelled() { curl -sS 127.0.0.1:$service_port/metrics | grep -q 'outcome="client-left"} 1'; }
await cancelled
echo "ok: a client that leaves cancels its dream"
# Events of a job arrive while it runs: nginx does not collect them.
job=$(curl -sS -o "$work/body" -D - "${long[@]}" $nginx/jobs | sed -n 's|^[Ll]ocation: .*\(jobs/[^[:space:]]*\).*|\1|p')
[[ -n $job ]] || fail "POST /jobs told no location: $(cat "$work/body")"
progresses() { timeout 30 curl -sSN "$nginx/$job/events" | grep -q -m 1 '^event: progress'; }
progresses || fail "no event of a running job arrived"
echo "ok: events through nginx"
curl -fsS -o "$work/body" -X DELETE "$nginx/$job" || fail "the job cannot be cancelled through nginx"
# nginx waits longer than by default (60 s): the service stands still for so long.
status -F "image=@$photo" -F octaves=1 -F steps=300 $nginx/deepdream > "$work/status" &
dream=$!
running() { curl -sS 127.0.0.1:$service_port/metrics | grep -q '^deepdream_jobs_running 1'; }
await running
kill -STOP "$service"
sleep 61
kill -CONT "$service"
wait "$dream"
expect "a dream of more than a minute" 200 "$(cat "$work/status")"
# The log has the client behind nginx, whatever it says of itself.
request=$(curl -sS -o /dev/null -D - --interface 127.0.0.2 -H 'X-Forwarded-For: 192.0.2.1' $nginx/healthz \
    | sed -n 's/^[Xx]-[Rr]equest-[Ii][Dd]: \([0-9a-f]*\).*/\1/p')
[[ -n $request ]] || fail "no request ID"
logged() { grep -q "$request" "$work/service.log"; }
await logged
echo "ok: nginx's request ID is in the service's log"
expect "the client in the service's log" '"client":"127.0.0.2"' \
    "$(grep "$request" "$work/service.log" | grep -o '"client":"[^"]*"')"
expect "metrics for others" 403 "$(status --interface 127.0.0.2 $nginx/metrics)"
# What computes is what the service limits for each client, so that it can answer 429.
curl -fsS -o "$work/openapi.json" $nginx/openapi.json
limited=$("$python" -c '
import json, re, sys
for path, operations in json.load(open(sys.argv[1]))["paths"].items():
    for method, operation in operations.items():
        if method != "parameters" and "429" in operation["responses"]:
            print(method.upper(), re.sub("{.*?}", "x", path))' "$work/openapi.json")
[[ -n $limited ]] || fail "openapi.json has no limits"
# How many of 30 requests at once get this status. Of those that nginx limits, some wait for their turn.
# count STATUS CLIENT METHOD PATH
count() {
    curl -sS -Z --parallel-immediate --max-time 1 --interface "$2" -X "$3" -o /dev/null -w '%{http_code}\n' \
        "$nginx$4?[1-30]" > "$work/codes" 2> /dev/null || true
    grep -c "^$1\$" "$work/codes" || true
}
clients=0
while read -r method path; do
    for prefix in "" /dreams; do
        ((++clients))
        (($(count 429 127.0.1.$clients "$method" "$prefix$path") > 0)) \
            || fail "nginx does not limit $method $prefix$path"
        echo "ok: nginx limits $method $prefix$path"
    done
done <<< "$limited"
expect "how many of 30 requests for /version go through nginx" 30 "$(count 200 127.0.2.1 GET /version)"
echo "check_config: all is well"
