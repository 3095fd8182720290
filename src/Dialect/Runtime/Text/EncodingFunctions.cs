using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime.Text;

/// <summary>Bytes as text (encode, decode), digests, and texts in other character sets.</summary>
internal static class EncodingFunctions
{
    private const int Base64LineBytes = 57;

    public static void Register(FunctionRegistry registry)
    {
        registry.Call("encode(bytea,text)", Encode);
        registry.Call("decode(text,text)", Decode);
        foreach (var type in new[] { "text", "bytea" })
        {
            registry.Call($"md5({type})", static (in FunctionCall call) => call.ReturnText(Convert.ToHexStringLower(Md5(call.Bytes(0)))));
        }

        registry.Call("sha224(bytea)", static (in FunctionCall call) => call.ReturnBlob(Sha224.Hash(call.Bytes(0))));
        registry.Call("sha256(bytea)", static (in FunctionCall call) => call.ReturnBlob(SHA256.HashData(call.Bytes(0))));
        registry.Call("sha384(bytea)", static (in FunctionCall call) => call.ReturnBlob(SHA384.HashData(call.Bytes(0))));
        registry.Call("sha512(bytea)", static (in FunctionCall call) => call.ReturnBlob(SHA512.HashData(call.Bytes(0))));
        registry.Call("convert_from(bytea,name)", static (in FunctionCall call) =>
            call.ReturnText(CharacterSets.ToUtf8(call.Bytes(0), CharacterSets.Find(call.String(1), "source"))));
        registry.Call("convert_to(text,name)", static (in FunctionCall call) =>
            call.ReturnBlob(CharacterSets.FromUtf8(call.Bytes(0), CharacterSets.Find(call.String(1), "destination"))));
        registry.Call("convert(bytea,name,name)", static (in FunctionCall call) =>
        {
            var (source, destination) = (CharacterSets.Find(call.String(1), "source"), CharacterSets.Find(call.String(2), "destination"));
            call.ReturnBlob(CharacterSets.Convert(call.Bytes(0), source, destination));
        });
        registry.Call("length(bytea,name)", static (in FunctionCall call) =>
        {
            var set = CharacterSets.Find(call.String(1), null);
            call.Return((long)Strings.CountCharacters(CharacterSets.ToUtf8(call.Bytes(0), set)));
        });
    }

    // MD5 is what the function is named after; nobody is protected by it here.
#pragma warning disable CA5351
    private static byte[] Md5(ReadOnlySpan<byte> data) => MD5.HashData(data);
#pragma warning restore CA5351

    private static void Encode(in FunctionCall call)
    {
        var data = call.Bytes(0);
        var output = Arguments.TakeBuffer();
        switch (call.String(1).ToLowerInvariant())
        {
            case "hex":
                Characters.RequireLength(data.Length * 2L);
                call.ReturnText(Convert.ToHexStringLower(data));
                return;
            case "base64":
                Characters.RequireLength(data.Length * 4L / 3);
                WriteBase64(data, output);
                break;
            case "escape":
                WriteEscapes(data, output);
                Characters.RequireLength(output.WrittenCount);
                break;
            default:
                throw Unrecognized(call.String(1));
        }

        call.ReturnText(output.WrittenSpan);
    }

    private static void WriteBase64(ReadOnlySpan<byte> data, ArrayBufferWriter<byte> output)
    {
        while (!data.IsEmpty)
        {
            var line = data[..Math.Min(Base64LineBytes, data.Length)];
            _ = Base64.EncodeToUtf8(line, output.GetSpan(80), out _, out var length);
            output.Advance(length);
            data = data[line.Length..];

            // A line that is full ends with a newline, the last one too.
            output.Write(line.Length == Base64LineBytes ? "\n"u8 : default);
        }
    }

    private static void WriteEscapes(ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        foreach (var value in data)
        {
            if (value == '\\')
            {
                output.Write("\\\\"u8);
            }
            else if (value is 0 or >= 0x80)
            {
                output.Write([(byte)'\\', (byte)('0' + (value >> 6)), (byte)('0' + ((value >> 3) & 7)), (byte)('0' + (value & 7))]);
            }
            else
            {
                output.Write([value]);
            }
        }
    }

    private static void Decode(in FunctionCall call)
    {
        var text = call.Bytes(0);
        var output = Arguments.TakeBuffer();
        switch (call.String(1).ToLowerInvariant())
        {
            case "hex":
                Bytea.Parse([.. "\\x"u8, .. text], output);
                break;
            case "base64":
                ReadBase64(text, output);
                break;
            case "escape":
                // Without its prefix the text is never taken for hexadecimal digits.
                if (text.StartsWith("\\x"u8))
                {
                    throw new TypeException(SqlState.InvalidTextRepresentation, "invalid input syntax for type bytea");
                }

                Bytea.Parse(text, output);
                break;
            default:
                throw Unrecognized(call.String(1));
        }

        call.ReturnBlob(output.WrittenSpan);
    }

    private static void ReadBase64(ReadOnlySpan<byte> text, ArrayBufferWriter<byte> output)
    {
        var target = output.GetSpan((text.Length * 3 / 4) + 3);
        var (buffer, position, end, length) = (0, 0, 0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            var value = text[i];
            if (value is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r')
            {
                continue;
            }

            int digit;
            if (value == '=')
            {
                if (end == 0)
                {
                    end = position switch
                    {
                        2 => 1,
                        3 => 2,
                        _ => throw new TypeException(SqlState.InvalidParameterValue, "unexpected \"=\" while decoding base64 sequence"),
                    };
                }

                digit = 0;
            }
            else
            {
                digit = DigitOf(value);
                if (digit < 0)
                {
                    _ = Rune.DecodeFromUtf8(text[i..], out var rune, out _);
                    throw new TypeException(SqlState.InvalidParameterValue, $"invalid symbol \"{rune}\" found while decoding base64 sequence");
                }
            }

            buffer = (buffer << 6) + digit;
            if (++position == 4)
            {
                target[length++] = (byte)(buffer >> 16);
                if (end is 0 or > 1)
                {
                    target[length++] = (byte)(buffer >> 8);
                }

                if (end is 0 or > 2)
                {
                    target[length++] = (byte)buffer;
                }

                (buffer, position) = (0, 0);
            }
        }

        if (position != 0)
        {
            throw new TypeException(
                SqlState.InvalidParameterValue, "invalid base64 end sequence", hint: "Input data is missing padding, is truncated, or is otherwise corrupted.");
        }

        output.Advance(length);
    }

    private static int DigitOf(byte value) => value switch
    {
        >= (byte)'A' and <= (byte)'Z' => value - 'A',
        >= (byte)'a' and <= (byte)'z' => value - 'a' + 26,
        >= (byte)'0' and <= (byte)'9' => value - '0' + 52,
        (byte)'+' => 62,
        (byte)'/' => 63,
        _ => -1,
    };

    private static TypeException Unrecognized(string name) => new(SqlState.InvalidParameterValue, $"unrecognized encoding: \"{name}\"");
}
