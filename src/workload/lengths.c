/* lengths.c - prompt and output tokens of one request.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"

#include <math.h>

bool xo_class_check(const struct xo_class *class, bool has_lengths, struct xo_error *err)
{
    if (!(class->weight >= 0) || !isfinite(class->weight))
        return xo_fail(err, XO_ERR_INPUT, "class %s has a weight of %g; it takes 0 or more",
                       class->name, class->weight);
    if (class->shared_prefix_tokens < 0 || class->shared_prefix_tokens >= XO_MAX_TOKENS)
        return xo_fail(err, XO_ERR_INPUT,
                       "class %s has a shared prefix of %d tokens; it takes 0 to %d", class->name,
                       class->shared_prefix_tokens, XO_MAX_TOKENS - 1);
    if (class->max_context_tokens < 0 ||
        (class->max_context_tokens > 0 &&
         class->max_context_tokens - 2 < class->shared_prefix_tokens))
        return xo_fail(err, XO_ERR_INPUT,
                       "class %s has a context of %d tokens; its shared prefix, one token more and "
                       "one of output take %d",
                       class->name, class->max_context_tokens, class->shared_prefix_tokens + 2);
    if (has_lengths &&
        (!(class->prompt.lo <= class->prompt.hi) || !(class->output.lo <= class->output.hi)))
        return xo_fail(err, XO_ERR_INPUT, "class %s has lengths that were never set", class->name);
    return true;
}

int32_t xo_whole_tokens(double length)
{
    if (!(length >= 1.5))
        return 1;
    return length >= XO_MAX_TOKENS ? XO_MAX_TOKENS : (int32_t)(length + 0.5);
}

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

void xo_class_fit(const struct xo_class *class, int32_t prompt_tokens, int32_t output_tokens,
                  struct xo_request *request)
{
    const int32_t prefix = class->shared_prefix_tokens, context = class->max_context_tokens;
    if (prompt_tokens <= prefix)
        prompt_tokens = prefix + 1;
    if (context > 0) {
        prompt_tokens = smaller(prompt_tokens, context - 1);
        output_tokens = smaller(output_tokens, context - prompt_tokens);
    }
    request->prompt_tokens = prompt_tokens;
    request->output_tokens = output_tokens;
    request->prefix_tokens = prefix;
}
