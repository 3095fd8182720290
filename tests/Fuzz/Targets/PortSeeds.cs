using System.Buffers;
using System.Text;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Fuzz.Targets;

/// <summary>What a member sends when all is well.</summary>
internal static class PortSeeds
{
    /// <summary>Stand in an input for what only the running node knows.</summary>
    public const long Term = 0x7777777777777777;
    public const long LastIndex = 0x7676767676767676;

    public static readonly Statement Insert = Text("INSERT INTO t VALUES(?)", 7);

    public static Statement Text(string sql, long? parameter = null)
    {
        var parameters = new ArrayBufferWriter<byte>();
        if (parameter is { } value)
        {
            ParameterEncoding.WriteInteger(parameters, value);
            ParameterEncoding.WriteText(parameters, "text"u8, "name");
        }

        return new(Encoding.UTF8.GetBytes(sql), parameters.WrittenMemory);
    }

    public static byte[] Bytes(Action<ArrayBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return output.WrittenSpan.ToArray();
    }

    public static byte[] Entry(params Statement[] statements) => Bytes(output =>
    {
        LogCommandEncoding.WriteHead(output, 1, 1_700_000_000_000_000, 5, 1);
        LogCommandEncoding.WriteCommand(output, new ApplyCommand(RequestId.Random(), new(statements, BatchOptions.Atomic)));
    });

    public static byte[] Frame(byte kind, ReadOnlySpan<byte> body)
    {
        var output = new ArrayBufferWriter<byte>();
        output.WriteInt32(body.Length);
        output.WriteByte(kind);
        output.Write(body);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Puts what the node knows in the place of what stands for it.</summary>
    public static byte[] Current(byte[] input, long term, long last)
    {
        var current = input.ToArray();
        Replace(current, Term, term);
        Replace(current, LastIndex, last);
        return current;
    }

    private static void Replace(byte[] bytes, long from, long to)
    {
        for (var at = bytes.AsSpan().IndexOf(BitConverter.GetBytes(from)); at >= 0; at = bytes.AsSpan().IndexOf(BitConverter.GetBytes(from)))
        {
            BitConverter.TryWriteBytes(bytes.AsSpan(at), to);
        }
    }
}
