# synthetic_chat.awk - the recipe of synthetic_chat.csv: an hour of chat that nobody has sent.
#
#   awk -f synthetic_chat.awk > synthetic_chat.csv
#
# The format is that of the Azure LLM inference traces: time, prompt tokens, output tokens. Calls
# arrive as a Poisson process whose rate switches between 0.3 a second, for 60 s in the mean, and
# 1.2 a second, for 12 s in the mean: 0.45 a second, so 1,620 are expected in the hour. A third
# open a conversation (short prompts), the others carry its history (long ones). All figures are
# made up; they resemble a chat service and describe none.
# Random numbers: the minimal standard generator of Park and Miller (CACM 31(10), 1988), exact in
# the doubles of any awk, so that everyone gets the same file.
# SPDX-License-Identifier: GPL-3.0-or-later
function uniform() {
    state = (state * 16807) % 2147483647
    return state / 2147483647
}
function exponential(mean) { return -mean * log(uniform()) }
function lognormal(median, sigma,    u) {
    u = uniform()
    return median * exp(sigma * sqrt(-2 * log(u)) * cos(6.283185307179586 * uniform()))
}
function tokens(x, most) { return x < 1 ? 1 : x > most ? most : int(x + 0.5) }
BEGIN {
    state = 20261122
    print "TIMESTAMP,ContextTokens,GeneratedTokens"
    now = 0; busy = 0; change = exponential(60)
    while (1) {
        # A gap cut short by a change of rate is drawn anew: the exponential has no memory.
        gap = exponential(busy ? 1 / 1.2 : 1 / 0.3)
        if (now + gap > change) {
            now = change
            busy = !busy
            change = now + exponential(busy ? 12 : 60)
            continue
        }
        now += gap
        if (now >= 3600) break
        opens = uniform() < 1 / 3
        prompt = tokens(lognormal(opens ? 220 : 1400, opens ? 0.7 : 0.6), 8000)
        printf "2026-03-02 14:%02d:%010.7f,%d,%d\n", int(now / 60), now % 60, prompt, \
            tokens(lognormal(210, 0.75), 1500)
    }
}
