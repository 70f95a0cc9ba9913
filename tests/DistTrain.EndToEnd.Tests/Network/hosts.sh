#!/bin/sh
# Hosts of a network of their own on this machine, to break it: network namespaces around a router, which is where faults are made and
# counted. Needs root, ip, iptables; tc for rates; for delays tc with netem, or python3 and /dev/net/tun. The machine's own network is
# neither changed nor reachable from the hosts.
#
#   hosts.sh up N             hosts 1..N; host I has address 10.88.I.2, every other host is reached through the router
#   hosts.sh on I CMD...      runs CMD on host I, in its place (same process id); with $HOSTS_HIDE that folder is empty for CMD,
#                             as another machine's would be
#   hosts.sh cut I            unplugs host I                                 hosts.sh heal I     plugs it in again
#   hosts.sh lose I J         what I sends to J is lost, the rest passes      hosts.sh find I J   not any more
#   hosts.sh drop I PERCENT   loses packets from and to I at random; 0: none
#   hosts.sh rate I RATE      such as 100mbit, in both directions; 0: no limit
#   hosts.sh delay I MS       each way; 0: none
#   hosts.sh count            packets lost by each rule, what waited for each rate, packets delayed each way
#   hosts.sh down             removes it all, and ends what still runs on the hosts
#
# $HOSTS_NAME (default dth) begins the names of the namespaces, so that several such networks can be side by side.
set -eu
name=${HOSTS_NAME:-dth}
router=$name-r
here=$(cd "$(dirname "$0")" && pwd)
say() { echo "hosts.sh: $*" >&2; exit 2; }
host() { echo "$name-$1"; }
on_router() { ip netns exec "$router" "$@"; }
state=/run/$name-hosts
pid_of_delay() { cat "$state/delay$1" 2>/dev/null || true; }

end_delay() {
    pid=$(pid_of_delay "$1")
    on_router tc qdisc del dev "p$1" root 2>/dev/null || true
    ip netns exec "$(host "$1")" tc qdisc del dev eth0 root 2>/dev/null || true
    [ -n "$pid" ] || return 0
    ip -n "$(host "$1")" route replace default via "10.88.$1.1" dev eth0
    ip -n "$router" route del "10.88.$1.2/32" 2>/dev/null || true
    kill "$pid" 2>/dev/null || true
    rm -f "$state/delay$1"
}

# A device without a wire on either side, and a process between that hands packets over later.
begin_delay() {
    # No function: a shell that waited for one would keep this script's own output open.
    ip netns exec "$router" python3 "$here/delay.py" "a$1" "b$1" "$2" > "$state/log$1" 2>&1 < /dev/null &
    pid=$!
    i=0
    until grep -q ready "$state/log$1"; do
        kill -0 "$pid" 2>/dev/null || say "no delay: $(cat "$state/log$1")"
        i=$((i + 1)); [ $i -lt 200 ] || say "no delay: it does not begin"
        sleep 0.05
    done
    echo "$pid" > "$state/delay$1"
    ip -n "$router" link set "a$1" netns "$(host "$1")"
    ip -n "$(host "$1")" link set "a$1" up
    ip -n "$router" link set "b$1" up
    ip -n "$(host "$1")" route replace default dev "a$1" src "10.88.$1.2"
    ip -n "$router" route replace "10.88.$1.2/32" dev "b$1"
}

verb=${1:-}
[ -n "$verb" ] || { sed -n '2,20p' "$0"; exit 2; }
shift
case $verb in
up)
    [ ! -e "/run/netns/$router" ] || say "$name is up already"
    ip netns add "$router"
    mkdir -p "$state"
    ip -n "$router" link set lo up
    on_router sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
    for i in $(seq "$1"); do
        ip netns add "$(host "$i")"
        ip -n "$router" link add "p$i" type veth peer name eth0 netns "$(host "$i")"
        ip -n "$router" addr add "10.88.$i.1/24" dev "p$i"
        ip -n "$router" link set "p$i" up
        ip -n "$(host "$i")" link set lo up
        ip -n "$(host "$i")" addr add "10.88.$i.2/24" dev eth0
        ip -n "$(host "$i")" link set eth0 up
        ip -n "$(host "$i")" route add default via "10.88.$i.1"
    done ;;
on)
    i=$1; shift
    exec ip netns exec "$(host "$i")" sh -c '[ -z "${HOSTS_HIDE:-}" ] || mount -t tmpfs none "$HOSTS_HIDE"; exec "$@"' sh "$@" ;;
cut) ip -n "$router" link set "p$1" down ;;
heal) ip -n "$router" link set "p$1" up ;;
lose) on_router iptables -w -A FORWARD -s "10.88.$1.2" -d "10.88.$2.2" -j DROP ;;
find) on_router iptables -w -D FORWARD -s "10.88.$1.2" -d "10.88.$2.2" -j DROP ;;
drop)
    for way in -s -d; do
        on_router iptables -w -S FORWARD | grep -e "$way 10.88.$1.2/32 -m statistic" | sed 's/^-A/-D/' | while read -r rule; do
            # shellcheck disable=SC2086
            on_router iptables -w $rule
        done
        [ "$2" = 0 ] || on_router iptables -w -A FORWARD "$way" "10.88.$1.2" -m statistic --mode random --probability "$(echo "$2" | awk '{ print $1 / 100 }')" -j DROP
    done ;;
rate)
    on_router tc qdisc del dev "p$1" root 2>/dev/null || true
    ip netns exec "$(host "$1")" tc qdisc del dev eth0 root 2>/dev/null || true
    if [ "$2" != 0 ]; then
        on_router tc qdisc add dev "p$1" root tbf rate "$2" burst 32kb latency 100ms
        ip netns exec "$(host "$1")" tc qdisc add dev eth0 root tbf rate "$2" burst 32kb latency 100ms
    fi ;;
delay)
    end_delay "$1"
    if [ "$2" != 0 ]; then
        if on_router tc qdisc add dev "p$1" root netem delay "$2ms" 2>/dev/null; then
            ip netns exec "$(host "$1")" tc qdisc add dev eth0 root netem delay "$2ms"
        else
            begin_delay "$1" "$2"
        fi
    fi ;;
count)
    on_router iptables -w -nvxL FORWARD | awk '/DROP/ { print "lost", $1, $8, $9 }'
    for device in $(on_router sh -c 'ls /sys/class/net'); do
        on_router tc -s qdisc show dev "$device" | awk -v d="$device" '/qdisc tbf/ { t = 1 } /overlimits/ && t { sub(/,/, "", $7); print "waited", $0; t = 0 }'
    done
    for log in "$state"/log*; do [ ! -e "$log" ] || tail -n 1 "$log" | sed 's/^/delayed /'; done ;;
down)
    for space in /run/netns/"$name"-*; do
        [ -e "$space" ] || continue
        for pid in $(ip netns pids "${space##*/}"); do kill -9 "$pid" 2>/dev/null || true; done
        ip netns del "${space##*/}"
    done
    rm -rf "$state" ;;
*) say "found $verb; allowed: up, on, cut, heal, lose, find, drop, rate, delay, count, down" ;;
esac
