/* precision.c - storage types as checkpoints, engines and people write them.
 *
 * One table of words serves the keys ("e4m3", "awq"), the columns of measurements and the end of a
 * checkpoint's name: "Qwen3-8B-FP8", "Llama-3.1-8B-Instruct-quantized.w8a8". Letter case and what
 * parts the words do not count. Of several words the strongest decides: "AWQ-8bit" has 8 bits, and
 * "GPTQ-Int4" is int4. Words as they end names on Hugging Face: those of NVIDIA, Red Hat AI, Qwen,
 * DeepSeek, AMD, Unsloth, TheBloke and mlx-community.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "values.h"
#include "xo/text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum strength {
    MARK,   /* says no type, and counts only behind a word that does */
    METHOD, /* how it was made */
    BITS,
    TYPE,
    FOREIGN, /* a format of other programs, whatever else is said */
};
enum { UNSETTLED = -1, MAX_WORDS = 24, WORD_SIZE = 24 };

static const char four_or_eight[] = "of 4 or 8 bits: int4 or int8 would do";
static const char two_of_eight[] = "of two kinds: fp8 or int8 would do";
static const char two_of_four[] = "of two kinds: nvfp4 (NVIDIA) or mxfp4 would do";
static const char llama_cpp[] =
    "a format of llama.cpp, which is not simulated: int4 is nearest to its Q4, int8 to its Q8";
static const char too_wide[] = "which is not simulated: bf16 or fp16 would do";

/* Every quantised type counts as the nearest one that is simulated, by its bits a weight: AWQ, NF4
 * and w4a8 as int4; w8a16 as int8; both fp8 formats as fp8. */
static const struct word {
    const char *text;
    enum strength strength;
    int named, typed; /* enum xo_dtype at the end of a name, and as a value */
    const char *why;  /* where one is UNSETTLED */
} words[] = {
    { "fp16", TYPE, XO_FP16, XO_FP16, NULL },
    { "float16", TYPE, XO_FP16, XO_FP16, NULL },
    { "half", TYPE, XO_FP16, XO_FP16, NULL },
    { "bf16", TYPE, XO_BF16, XO_BF16, NULL },
    { "bfloat16", TYPE, XO_BF16, XO_BF16, NULL },
    { "fp8", TYPE, XO_FP8, XO_FP8, NULL },
    { "float8", TYPE, XO_FP8, XO_FP8, NULL },
    { "e4m3", TYPE, XO_FP8, XO_FP8, NULL },
    { "e4m3fn", TYPE, XO_FP8, XO_FP8, NULL },
    { "e5m2", TYPE, XO_FP8, XO_FP8, NULL },
    { "fp8e4m3", TYPE, XO_FP8, XO_FP8, NULL },
    { "fp8e5m2", TYPE, XO_FP8, XO_FP8, NULL },
    { "mxfp8", TYPE, XO_FP8, XO_FP8, NULL },
    { "int8", TYPE, XO_INT8, XO_INT8, NULL },
    { "int8mix", TYPE, XO_INT8, XO_INT8, NULL },
    { "int4", TYPE, XO_INT4, XO_INT4, NULL },
    { "nf4", TYPE, XO_INT4, XO_INT4, NULL },
    { "nvfp4", TYPE, XO_NVFP4, XO_NVFP4, NULL },
    { "nvfp4a16", TYPE, XO_NVFP4, XO_NVFP4, NULL },
    { "mxfp4", TYPE, XO_MXFP4, XO_MXFP4, NULL },
    { "fp4", TYPE, XO_NVFP4, UNSETTLED, two_of_four },
    { "fp32", TYPE, UNSETTLED, UNSETTLED, too_wide },
    { "float32", TYPE, UNSETTLED, UNSETTLED, too_wide },
    { "w4a16", BITS, XO_INT4, XO_INT4, NULL },
    { "w4a8", BITS, XO_INT4, XO_INT4, NULL },
    { "w4afp8", BITS, XO_INT4, XO_INT4, NULL },
    { "w8a8", BITS, XO_INT8, XO_INT8, NULL },
    { "w8a16", BITS, XO_INT8, XO_INT8, NULL },
    { "4bit", BITS, XO_INT4, XO_INT4, NULL },
    { "4bits", BITS, XO_INT4, XO_INT4, NULL },
    { "8bit", BITS, XO_INT8, UNSETTLED, two_of_eight },
    { "8bits", BITS, XO_INT8, UNSETTLED, two_of_eight },
    { "awq", METHOD, XO_INT4, XO_INT4, NULL },
    { "gptq", METHOD, UNSETTLED, UNSETTLED, four_or_eight },
    { "bnb", METHOD, UNSETTLED, UNSETTLED, four_or_eight },
    { "bitsandbytes", METHOD, UNSETTLED, UNSETTLED, four_or_eight },
    { "autoround", METHOD, UNSETTLED, UNSETTLED, four_or_eight },
    { "quantized", METHOD, UNSETTLED, UNSETTLED, four_or_eight },
    { "unsloth", METHOD, UNSETTLED, UNSETTLED, four_or_eight }, /* ...-unsloth-bnb-4bit */
    { "gguf", FOREIGN, UNSETTLED, UNSETTLED, llama_cpp },
    { "q2", FOREIGN, UNSETTLED, UNSETTLED, llama_cpp },
    { "q3", FOREIGN, UNSETTLED, UNSETTLED, llama_cpp },
    { "q4", FOREIGN, UNSETTLED, UNSETTLED, llama_cpp },
    { "q5", FOREIGN, UNSETTLED, UNSETTLED, llama_cpp },
    { "q6", FOREIGN, UNSETTLED, UNSETTLED, llama_cpp },
    { "q8", FOREIGN, UNSETTLED, UNSETTLED, llama_cpp },
    { "iq2", FOREIGN, UNSETTLED, UNSETTLED, llama_cpp },
    { "iq3", FOREIGN, UNSETTLED, UNSETTLED, llama_cpp },
    { "iq4", FOREIGN, UNSETTLED, UNSETTLED, llama_cpp },
    { "dynamic", MARK, 0, 0, NULL },
    { "static", MARK, 0, 0, NULL },
    { "block", MARK, 0, 0, NULL },
    { "blockwise", MARK, 0, 0, NULL },
    { "channel", MARK, 0, 0, NULL },
    { "token", MARK, 0, 0, NULL },
    { "tensor", MARK, 0, 0, NULL },
    { "per", MARK, 0, 0, NULL },
    { "marlin", MARK, 0, 0, NULL },
    { "mixed", MARK, 0, 0, NULL },
    { "mlx", MARK, 0, 0, NULL },
    { "dwq", MARK, 0, 0, NULL },
    { "kv", MARK, 0, 0, NULL }, /* amd/...-FP8-KV: so is the cache, where the engine is told */
    { "preview", MARK, 0, 0, NULL },
    { "v1", MARK, 0, 0, NULL },
    { "v2", MARK, 0, 0, NULL },
    { "k", MARK, 0, 0, NULL }, /* Q4_K_M */
    { "s", MARK, 0, 0, NULL },
    { "m", MARK, 0, 0, NULL },
    { "l", MARK, 0, 0, NULL },
    { "0", MARK, 0, 0, NULL }, /* Q8_0 */
    { "1", MARK, 0, 0, NULL },
};

/* The words of a name: where in it each begins and ends. */
struct spans {
    int n;
    size_t from[MAX_WORDS], to[MAX_WORDS];
};

static const char separators[] = " \t-_.";

/* The last MAX_WORDS of them, of what follows the organisation. */
static struct spans split(const char *name)
{
    struct spans s = { 0 };
    const char *slash = strrchr(name, '/');
    for (const char *p = slash != NULL ? slash + 1 : name; *p != '\0';) {
        p += strspn(p, separators);
        const size_t length = strcspn(p, separators);
        if (length == 0)
            break;
        if (s.n == MAX_WORDS) {
            s.n--;
            memmove(s.from, s.from + 1, (MAX_WORDS - 1) * sizeof *s.from);
            memmove(s.to, s.to + 1, (MAX_WORDS - 1) * sizeof *s.to);
        }
        s.from[s.n] = (size_t)(p - name);
        s.to[s.n++] = (size_t)(p - name) + length;
        p += length;
    }
    return s;
}

/* The row of the words first .. last run together; NULL. */
static const struct word *find_word(const char *name, const struct spans *s, int first, int last)
{
    char joined[WORD_SIZE];
    size_t n = 0;
    for (int i = first; i <= last; i++)
        for (size_t at = s->from[i]; at < s->to[i]; at++) {
            if (n + 1 == sizeof joined)
                return NULL;
            joined[n++] = (char)tolower((unsigned char)name[at]);
        }
    joined[n] = '\0';
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].text, joined) == 0)
            return &words[i];
    return NULL;
}

/* "4-bit" and "fp-8" are words of the table; the "4b-it" of a chat model is not. */
static bool may_join(const char *name, const struct spans *s, int last)
{
    const bool left = isdigit((unsigned char)name[s->to[last - 1] - 1]) != 0;
    return left != (isdigit((unsigned char)name[s->from[last]]) != 0);
}

/* Take one more word into account: a stronger one replaces, an equal one must agree. */
static void weigh(struct precision *p, const struct word *w, bool typed, enum strength *strongest)
{
    const int type = typed ? w->typed : w->named;
    const bool equal = w->strength == *strongest;
    if (w->strength < *strongest || (equal && (p->type == UNSETTLED || type == p->type)))
        return;
    if (equal && type != UNSETTLED) {
        snprintf(p->why, sizeof p->why, "two types at once: %s or %s would do",
                 xo_dtype_name((enum xo_dtype)type), xo_dtype_name((enum xo_dtype)p->type));
        p->type = UNSETTLED;
        return;
    }
    *strongest = w->strength;
    p->type = type;
    xo_text_copy(p->why, sizeof p->why, type == UNSETTLED ? w->why : "");
    xo_text_copy(p->word, sizeof p->word, w->text);
}

/* The words of the table at the end of `text`, but for its first `keep` words; how many are left.
 */
static int read_back(const char *text, const struct spans *s, int keep, bool typed,
                     struct precision *p)
{
    enum strength strongest = MARK;
    int left = s->n;
    *p = (struct precision){ .type = UNSETTLED };
    for (int i = s->n; i > keep;) {
        int used = 2;
        const struct word *w =
            i - 2 >= keep && may_join(text, s, i - 1) ? find_word(text, s, i - 2, i - 1) : NULL;
        if (w == NULL) {
            w = find_word(text, s, i - 1, i - 1);
            used = 1;
        }
        if (w == NULL)
            break;
        i -= used;
        if (w->strength == MARK)
            continue;
        weigh(p, w, typed, &strongest);
        left = i;
    }
    return left;
}

bool precision_of_name(const char *name, struct precision *p)
{
    const struct spans s = split(name);
    const int left = read_back(name, &s, 1, false, p);
    if (left == s.n || left < 1)
        return false;
    p->base_length = s.to[left - 1];
    return true;
}

bool precision_read(const char *text, struct precision *p)
{
    const struct spans s = split(text);
    return s.n > 0 && strchr(text, '/') == NULL && read_back(text, &s, 0, true, p) == 0;
}
