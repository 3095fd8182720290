namespace Rqlite.Pg.Storage;

/// <summary>Finds bytes in bytes in linear time and constant space (Crochemore and Perrin's two-way search).</summary>
internal static class TextSearch
{
    // The runtime's vectorized search is quadratic at worst; with needles this short the product stays small.
    private const int ShortNeedleMax = 32;

    public static int IndexOf(ReadOnlySpan<byte> haystack, ReadOnlySpan<byte> needle)
    {
        if (needle.Length <= ShortNeedleMax || needle.Length > haystack.Length)
        {
            return haystack.IndexOf(needle);
        }

        var (split, period) = Factorize(needle);
        var left = split + 1;
        var memoryOfPeriod = 0;
        if (left + period <= needle.Length && needle[..left].SequenceEqual(needle.Slice(period, left)))
        {
            memoryOfPeriod = needle.Length - period;
        }
        else
        {
            period = Math.Max(split, needle.Length - split - 1) + 1;
        }

        return Scan(haystack, needle, left, period, memoryOfPeriod);
    }

    private static int Scan(ReadOnlySpan<byte> haystack, ReadOnlySpan<byte> needle, int left, int period, int memoryOfPeriod)
    {
        var memory = 0;
        for (var at = 0; at <= haystack.Length - needle.Length;)
        {
            var window = haystack.Slice(at, needle.Length);
            var k = Math.Max(left, memory);
            k += window[k..].CommonPrefixLength(needle[k..]);
            if (k < needle.Length)
            {
                at += k - left + 1;
                memory = 0;
                continue;
            }

            for (k = left; k > memory && needle[k - 1] == window[k - 1]; k--)
            {
            }

            if (k <= memory)
            {
                return at;
            }

            at += period;
            memory = memoryOfPeriod;
        }

        return -1;
    }

    private static (int Split, int Period) Factorize(ReadOnlySpan<byte> needle)
    {
        var ascending = MaximalSuffix(needle, descending: false);
        var descending = MaximalSuffix(needle, descending: true);
        return descending.Split > ascending.Split ? descending : ascending;
    }

    private static (int Split, int Period) MaximalSuffix(ReadOnlySpan<byte> needle, bool descending)
    {
        int split = -1, candidate = 0, k = 1, period = 1;
        while (candidate + k < needle.Length)
        {
            int order = needle[split + k] - needle[candidate + k];
            if (order == 0)
            {
                if (k == period)
                {
                    candidate += period;
                    k = 1;
                }
                else
                {
                    k++;
                }
            }
            else if (descending ? order < 0 : order > 0)
            {
                candidate += k;
                k = 1;
                period = candidate - split;
            }
            else
            {
                split = candidate++;
                k = period = 1;
            }
        }

        return (split, period);
    }
}
