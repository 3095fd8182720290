using System.Globalization;
using System.Text;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime.Text;

/// <summary>The short text of a network: only as much of the address as the prefix reaches.</summary>
internal static class NetworkText
{
    public static string Abbreviate(InetAddress network)
    {
        var text = network.IsVersion6 ? Version6(network) : Version4(network);
        return string.Create(CultureInfo.InvariantCulture, $"{text}/{network.Prefix}");
    }

    private static string Version4(InetAddress network) =>
        network.Prefix == 0 ? "0" : string.Join('.', network.Bytes[..((network.Prefix + 7) / 8)].ToArray());

    private static string Version6(InetAddress network)
    {
        if (network.Prefix == 0)
        {
            return "::";
        }

        // Two words at least, or the text would be taken for a number.
        var words = new int[Math.Max(2, (network.Prefix + 15) / 16)];
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = (network.Bytes[2 * i] << 8) | network.Bytes[(2 * i) + 1];
        }

        var (start, length) = LongestZeros(words);
        var text = new StringBuilder();
        for (var i = 0; i < words.Length; i++)
        {
            if (i >= start && i < start + length)
            {
                text.Append(i == start ? ":" : "").Append(i == words.Length - 1 ? ":" : "");
                continue;
            }

            if (i == 6 && start == 0 && (length == 6 || (length == 5 && words[5] == 0xffff)))
            {
                return text.Append(':').AppendJoin('.', network.Bytes[12..((network.Prefix + 7) / 8)].ToArray()).ToString();
            }

            text.Append(i > 0 ? ":" : "").Append(words[i].ToString("x", CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }

    private static (int Start, int Length) LongestZeros(int[] words)
    {
        var (start, length) = (0, 0);
        for (var i = 0; i < words.Length; i++)
        {
            var end = i;
            while (end < words.Length && words[end] == 0)
            {
                end++;
            }

            if (end - i > length)
            {
                (start, length) = (i, end - i);
            }

            i = Math.Max(i, end);
        }

        return (start, length);
    }
}
