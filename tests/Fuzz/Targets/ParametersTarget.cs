using System.Buffers;
using System.Text;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Fuzz.Targets;

/// <summary>Bound parameters as the log carries them; what can be read must come out the same when written again.</summary>
internal sealed class ParametersTarget : IFuzzTarget
{
    public string Name => "parameters";

    public ValueTask RunAsync(byte[] input)
    {
        var output = new ArrayBufferWriter<byte>();
        var reader = new ParameterEncoding.Reader(input);
        try
        {
            while (reader.Read())
            {
                Write(output, reader);
            }
        }
        catch (InvalidDataException)
        {
            return default;
        }

        var again = new ParameterEncoding.Reader(output.WrittenSpan);
        while (again.Read())
        {
        }

        return default;
    }

    private static void Write(ArrayBufferWriter<byte> output, ParameterEncoding.Reader reader)
    {
        var name = reader.Name.IsEmpty ? null : Encoding.UTF8.GetString(reader.Name);
        switch (reader.Value.Class)
        {
            case StorageClass.Integer:
                ParameterEncoding.WriteInteger(output, reader.Value.Integer, name);
                break;
            case StorageClass.Real:
                ParameterEncoding.WriteReal(output, reader.Value.Real, name);
                break;
            case StorageClass.Text:
                ParameterEncoding.WriteText(output, reader.Value.Bytes, name);
                break;
            case StorageClass.Blob:
                ParameterEncoding.WriteBlob(output, reader.Value.Bytes, name);
                break;
            default:
                ParameterEncoding.WriteNull(output, name);
                break;
        }
    }
}
