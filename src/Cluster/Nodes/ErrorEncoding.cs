using System.Buffers;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// The error of a statement outside of its results: a byte, 0 for none; else 1, result code (int32), message, offset (int32), and the SQLSTATE,
/// detail and hint, where they are known.
/// </summary>
internal static class ErrorEncoding
{
    public static void Write(IBufferWriter<byte> output, StatementError? error)
    {
        output.WriteBoolean(error is not null);
        if (error is not null)
        {
            output.WriteInt32(error.ResultCode);
            output.WriteString(error.Message);
            output.WriteInt32(error.Offset);
            output.WriteOptionalString(error.SqlState);
            output.WriteOptionalString(error.Detail);
            output.WriteOptionalString(error.Hint);
        }
    }

    /// <exception cref="InvalidDataException">The bytes are no such error.</exception>
    public static StatementError? Read(ref FieldReader reader)
    {
        if (!reader.ReadBoolean())
        {
            return null;
        }

        var code = reader.ReadInt32();
        var message = reader.ReadString();
        var offset = reader.ReadInt32();
        var state = reader.ReadOptionalString();
        var detail = reader.ReadOptionalString();
        return new(code, message, offset) { SqlState = state, Detail = detail, Hint = reader.ReadOptionalString() };
    }
}
