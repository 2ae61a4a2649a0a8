/* See draw.h. Cost: a binary search for a wheel, a scan of the words for draw_word. */
#include "draw.h"

#include <assert.h>

#include "base/memory.h"

#include "base/banned.h"

void wheel_init(struct wheel *wheel, const uint32_t *weights, size_t count)
{
    uint32_t sum = 0;
    wheel->upto = memory_must_zeroed(count, sizeof wheel->upto[0]);
    wheel->count = count;
    for (size_t i = 0; i < count; i++)
        wheel->upto[i] = sum += weights[i];
    assert(sum > 0);
}

void wheel_release(struct wheel *wheel)
{
    memory_free(wheel->upto);
    *wheel = (struct wheel){0};
}

size_t wheel_draw(const struct wheel *wheel, struct rng *rng)
{
    uint32_t ball = (uint32_t)rng_below(rng, wheel->upto[wheel->count - 1]);
    size_t low = 0, high = wheel->count - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (wheel->upto[middle] > ball)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

void draw_stream(struct rng *rng, uint64_t seed, uint32_t stream, uint64_t index)
{
    /* Not a multiple of splitmix64's own step: streams would be shifted copies of each other. */
    rng_init(rng, seed * 0xd6e8feb86659fd93 + ((uint64_t)stream << 40) + index);
}

bool draw_chance(struct rng *rng, uint32_t permille)
{
    return rng_below(rng, 1000) < permille;
}

int64_t draw_middle(struct rng *rng, int64_t low, int64_t high)
{
    int64_t a = rng_between(rng, low, high);
    int64_t b = rng_between(rng, low, high);
    /* An odd sum is rounded up or down with equal chance. */
    return (a + b + (int64_t)(rng_next(rng) & 1)) / 2;
}

struct str draw_word(struct rng *rng, struct str words)
{
    uint64_t count = 1;
    for (uint32_t i = 0; i < words.length; i++)
        count += words.data[i] == '|';
    uint64_t skip = rng_below(rng, count);
    uint32_t begin = 0;
    for (; skip > 0; begin++)
        skip -= words.data[begin] == '|';
    uint32_t end = begin;
    while (end < words.length && words.data[end] != '|')
        end++;
    return (struct str){words.data + begin, end - begin};
}

int64_t round_to(int64_t value, int64_t step)
{
    return (value + step / 2) / step * step;
}
