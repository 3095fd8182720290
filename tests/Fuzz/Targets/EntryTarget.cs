using System.Buffers;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Fuzz.Targets;

/// <summary>Log entries and forwarded requests; the first byte chooses which. What is read must be written again in the same bytes.</summary>
internal sealed class EntryTarget : IFuzzTarget
{
    public string Name => "entry";

    public ValueTask RunAsync(byte[] input)
    {
        if (input.Length == 0)
        {
            return default;
        }

        var rest = input.AsMemory(1);
        var again = new ArrayBufferWriter<byte>();
        try
        {
            switch (input[0] % 5)
            {
                case 0:
                    Write(again, LogCommandEncoding.Read(rest));
                    break;
                case 1:
                    ForwardedRequest.Parse(rest).Write(again);
                    break;
                case 2:
                    var (sql, options) = ShapeEncoding.ReadRequest(rest);
                    ShapeEncoding.WriteRequest(again, sql.Span, options);
                    break;
                case 3:
                    Write(again, LogBatchEncoding.ReadHead(rest), LogBatchEncoding.Read(rest));
                    if (rest.Span[0] != LogBatchEncoding.Version)
                    {
                        // A former format is only read.
                        return default;
                    }

                    break;
                default:
                    // Its texts may be invalid UTF-8, which is not written again as it was.
                    ShapeEncoding.WriteShape(again, ShapeEncoding.ReadShape(rest));
                    return default;
            }
        }
        catch (InvalidDataException)
        {
            return default;
        }

        return again.WrittenSpan.SequenceEqual(rest.Span)
            ? default
            : throw new InvalidOperationException($"read, and written as {Convert.ToHexString(again.WrittenSpan)}");
    }

    private static void Write(ArrayBufferWriter<byte> output, LogCommands commands)
    {
        LogCommandEncoding.WriteHead(output, commands.Nonce, commands.UnixMicroseconds, commands.Seed, commands.Commands.Count);
        foreach (var command in commands.Commands)
        {
            LogCommandEncoding.WriteCommand(output, command);
        }
    }

    private static void Write(ArrayBufferWriter<byte> output, (UInt128 Nonce, long UnixMicroseconds, ulong Seed) head, BatchEntry entry)
    {
        LogBatchEncoding.WriteHead(output, head.Nonce, head.UnixMicroseconds, head.Seed, entry);
        foreach (var command in entry.Commands)
        {
            LogCommandEncoding.WriteCommand(output, command);
        }
    }
}
