using System.Buffers.Binary;

namespace Rqlite.Pg.Fuzz;

/// <summary>Makes new inputs out of known ones; the same seed makes the same inputs.</summary>
internal sealed class Mutator(IReadOnlyList<byte[]> corpus, int seed)
{
    private const int BytesMax = 1 << 16;
    private static readonly int[] Interesting =
        [0, 1, -1, 2, 3, 4, 5, 7, 8, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 1 << 20, 0x7FFFFFFF, int.MinValue, -2, 0x00030000, 80877103];

    private readonly Random _random = new(seed);

    public byte[] Next()
    {
        if (_random.Next(20) == 0)
        {
            var noise = new byte[_random.Next(1, 300)];
            _random.NextBytes(noise);
            return noise;
        }

        var input = new List<byte>(corpus[_random.Next(corpus.Count)]);
        var changes = _random.Next(0, 6);
        for (var i = 0; i < changes && input.Count < BytesMax; i++)
        {
            Change(input);
        }

        return [.. input];
    }

    private void Change(List<byte> input)
    {
        if (input.Count == 0)
        {
            input.Add((byte)_random.Next(256));
            return;
        }

        var at = _random.Next(input.Count);
        switch (_random.Next(9))
        {
            case 0:
                input[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1:
                input[at] = (byte)_random.Next(256);
                break;
            case 2:
                PutNumber(input, at, 4);
                break;
            case 3:
                PutNumber(input, at, 2);
                break;
            case 4:
                input.RemoveRange(at, Math.Min(_random.Next(1, 16), input.Count - at));
                break;
            case 5:
                input.RemoveRange(at, input.Count - at);
                break;
            case 6:
                input.InsertRange(at, input.GetRange(_random.Next(at + 1), 1 + _random.Next(input.Count - at)));
                break;
            case 7:
                var other = corpus[_random.Next(corpus.Count)];
                var from = _random.Next(other.Length);
                input.InsertRange(at, other.AsSpan(from, _random.Next(other.Length - from) + 1).ToArray());
                break;
            default:
                input.InsertRange(at, Enumerable.Repeat((byte)_random.Next(256), _random.Next(1, 64)));
                break;
        }
    }

    private void PutNumber(List<byte> input, int at, int width)
    {
        Span<byte> bytes = stackalloc byte[4];
        var number = Interesting[_random.Next(Interesting.Length)];
        if (_random.Next(2) == 0)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes, width == 4 ? number : number << 16);
        }
        else
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        }

        for (var i = 0; i < width && at + i < input.Count; i++)
        {
            input[at + i] = bytes[i];
        }
    }
}
