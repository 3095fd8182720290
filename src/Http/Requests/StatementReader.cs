using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http;

/// <summary>
/// JSON body to statements, without a tree between: an array whose elements are SQL strings, or arrays of an SQL string and its
/// parameters. Fed piece by piece; throws <see cref="RequestException"/> and nothing else on bad input.
/// </summary>
internal sealed class StatementReader(int statementsMax, bool allowNone = false) : IDisposable
{
    // SQLite's default for the number of variables in a statement.
    private const int ParametersMax = 32_766;
    private const int DepthMax = 64;
    private const int KeptLengthMin = 1 << 20;

    private ArrayBufferWriter<byte> _scratch = new(256);
    private readonly List<Statement> _statements = [];
    private HashSet<string>? _names;
    private byte[] _decoded = [];
    private JsonReaderState _json = new(new JsonReaderOptions { MaxDepth = DepthMax });
    private Place _place = Place.Start;
    private ArrayBufferWriter<byte>? _blob;
    private string? _name;
    private bool _any;
    private int _sqlLength;
    private int _parameters;

    private enum Place
    {
        Start,
        Statements,
        Sql,
        Parameters,
        NamedParameters,
        Blob,
        End,
    }

    /// <summary>Statements so far.</summary>
    public int Count => _statements.Count;

    /// <summary>Reads what is complete in <paramref name="buffer"/> and says up to where.</summary>
    public SequencePosition Read(in ReadOnlySequence<byte> buffer, bool isFinal)
    {
        try
        {
            var json = new Utf8JsonReader(buffer, isFinal, _json);
            while (json.Read())
            {
                Take(ref json);
            }

            _json = json.CurrentState;
            return json.Position;
        }
        catch (JsonException e)
        {
            throw RequestException.BadRequest("invalid JSON body", e);
        }
    }

    /// <summary>The statements, after the last piece. Empty SQL strings are left out, as rqlite does.</summary>
    public List<Statement> Finish()
    {
        if (_place != Place.End)
        {
            throw RequestException.BadRequest("invalid JSON body");
        }

        return _any || allowNone ? _statements : throw RequestException.BadRequest("no statements");
    }

    public void Dispose()
    {
        if (_decoded.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_decoded);
            _decoded = [];
        }
    }

    private void Take(ref Utf8JsonReader json)
    {
        switch (_place)
        {
            case Place.Start:
                _place = json.TokenType == JsonTokenType.StartArray ? Place.Statements : throw InvalidRequest();
                break;
            case Place.Statements:
                TakeStatement(ref json);
                break;
            case Place.Sql:
                TakeSql(ref json);
                break;
            case Place.Parameters:
                TakeParameter(ref json);
                break;
            case Place.NamedParameters:
                TakeNamedParameter(ref json);
                break;
            case Place.Blob:
                TakeBlob(ref json);
                break;
            default:
                throw RequestException.BadRequest("invalid JSON body");
        }
    }

    private void TakeStatement(ref Utf8JsonReader json)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.String:
                BeginStatement(ref json);
                EndStatement();
                break;
            case JsonTokenType.StartArray:
                _place = Place.Sql;
                break;
            case JsonTokenType.EndArray:
                _place = Place.End;
                break;
            default:
                throw InvalidRequest();
        }
    }

    private void TakeSql(ref Utf8JsonReader json)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.String:
                BeginStatement(ref json);
                _place = Place.Parameters;
                break;
            default:
                throw InvalidRequest();
        }
    }

    private void BeginStatement(ref Utf8JsonReader json)
    {
        var sql = Text(ref json);
        if (sql.Contains((byte)0))
        {
            throw RequestException.BadRequest("SQL contains a NUL character");
        }

        _scratch.ResetWrittenCount();
        _scratch.Write(sql);
        _sqlLength = sql.Length;
        _parameters = 0;
        _any = true;
    }

    private void EndStatement()
    {
        _place = Place.Statements;
        if (_sqlLength == 0)
        {
            return;
        }

        if (_statements.Count == statementsMax)
        {
            throw RequestException.TooLarge($"more than {statementsMax} statements in one request");
        }

        ReadOnlyMemory<byte> bytes = _scratch.WrittenCount < KeptLengthMin ? _scratch.WrittenSpan.ToArray() : TakeScratch();
        _statements.Add(new Statement(bytes[.._sqlLength], bytes[_sqlLength..]));
    }

    /// <summary>A large statement keeps the buffer it was gathered in: one copy less of what may be most of the body.</summary>
    private ReadOnlyMemory<byte> TakeScratch()
    {
        var taken = _scratch.WrittenMemory;
        _scratch = new ArrayBufferWriter<byte>(256);
        Dispose();
        return taken;
    }

    private void TakeParameter(ref Utf8JsonReader json)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.EndArray:
                EndStatement();
                break;
            case JsonTokenType.StartObject:
                _names?.Clear();
                _place = Place.NamedParameters;
                break;
            default:
                TakeValue(ref json, null);
                break;
        }
    }

    private void TakeNamedParameter(ref Utf8JsonReader json)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.EndObject:
                _place = Place.Parameters;
                break;
            case JsonTokenType.PropertyName:
                _name = Encoding.UTF8.GetString(Text(ref json));
                CheckName(_name);
                break;
            case JsonTokenType.StartObject:
                throw RequestException.BadRequest("unsupported type map[string]interface {}");
            default:
                TakeValue(ref json, _name);
                break;
        }
    }

    private void CheckName(string name)
    {
        if (name.Length == 0 || name[0] is ':' or '@' or '$' or '?')
        {
            throw RequestException.BadRequest($"parameter name \"{name}\" does not begin with a letter");
        }

        if (!(_names ??= new HashSet<string>(StringComparer.Ordinal)).Add(name))
        {
            throw RequestException.BadRequest($"duplicate parameter name \"{name}\"");
        }
    }

    private void TakeValue(ref Utf8JsonReader json, string? name)
    {
        if (++_parameters > ParametersMax)
        {
            throw RequestException.BadRequest($"more than {ParametersMax} parameters for one statement");
        }

        switch (json.TokenType)
        {
            case JsonTokenType.Null:
                ParameterEncoding.WriteNull(_scratch, name);
                break;
            case JsonTokenType.True or JsonTokenType.False:
                ParameterEncoding.WriteInteger(_scratch, json.TokenType == JsonTokenType.True ? 1 : 0, name);
                break;
            case JsonTokenType.Number:
                TakeNumber(ref json, name);
                break;
            case JsonTokenType.String:
                TakeText(Text(ref json), name);
                break;
            case JsonTokenType.StartArray:
                _name = name;
                (_blob ??= new ArrayBufferWriter<byte>()).ResetWrittenCount();
                _place = Place.Blob;
                break;
            default:
                throw InvalidRequest();
        }
    }

    private void TakeNumber(ref Utf8JsonReader json, string? name)
    {
        if (json.TryGetInt64(out var integer))
        {
            ParameterEncoding.WriteInteger(_scratch, integer, name);
        }
        else if (json.TryGetDouble(out var real) && double.IsFinite(real))
        {
            ParameterEncoding.WriteReal(_scratch, real, name);
        }
        else
        {
            throw RequestException.BadRequest($"invalid number {Shown(ref json)}");
        }
    }

    private void TakeText(ReadOnlySpan<byte> text, string? name)
    {
        if (!HexLiteral.Is(text, out var digits))
        {
            ParameterEncoding.WriteText(_scratch, text, name);
            return;
        }

        var bytes = new byte[digits.Length / 2];
        HexLiteral.Decode(digits, bytes);
        ParameterEncoding.WriteBlob(_scratch, bytes, name);
    }

    private void TakeBlob(ref Utf8JsonReader json)
    {
        if (json.TokenType == JsonTokenType.EndArray)
        {
            ParameterEncoding.WriteBlob(_scratch, _blob!.WrittenSpan, _name);
            _place = _name is null ? Place.Parameters : Place.NamedParameters;
        }
        else if (json.TokenType == JsonTokenType.Number && json.TryGetByte(out var value))
        {
            _blob!.GetSpan(1)[0] = value;
            _blob.Advance(1);
        }
        else
        {
            throw RequestException.BadRequest("unsupported type []interface {}");
        }
    }

    /// <summary>A string token, unescaped and checked, valid until the next call.</summary>
    private ReadOnlySpan<byte> Text(ref Utf8JsonReader json)
    {
        if (!json.ValueIsEscaped && !json.HasValueSequence)
        {
            return Utf8.IsValid(json.ValueSpan) ? json.ValueSpan : throw RequestException.BadRequest("invalid JSON body");
        }

        var lengthMax = json.HasValueSequence ? checked((int)json.ValueSequence.Length) : json.ValueSpan.Length;
        if (_decoded.Length < lengthMax)
        {
            Dispose();
            _decoded = ArrayPool<byte>.Shared.Rent(lengthMax);
        }

        try
        {
            return _decoded.AsSpan(0, json.CopyString(_decoded));
        }
        catch (InvalidOperationException e)
        {
            // Invalid UTF-8 or half a surrogate pair: replacing it would change the data unseen.
            throw RequestException.BadRequest("invalid JSON body", e);
        }
    }

    private static string Shown(ref Utf8JsonReader json)
    {
        var bytes = json.HasValueSequence ? json.ValueSequence.ToArray() : json.ValueSpan;
        return string.Create(CultureInfo.InvariantCulture, $"{Encoding.ASCII.GetString(bytes[..Math.Min(bytes.Length, 64)])}");
    }

    private static RequestException InvalidRequest() => RequestException.BadRequest("invalid request");
}
