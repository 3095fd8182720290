using System.Text;

namespace Rqlite.Pg.Storage;

/// <summary>The parameters of a prepared statement, and how values are bound to them.</summary>
internal sealed unsafe class ParameterPlan
{
    private static readonly ParameterPlan s_none = new([], [], 0, false);

    private readonly byte[]?[] _names;
    private readonly int[] _numbers;
    private readonly int _unnamedNeeded;
    private readonly bool _numbered;

    private ParameterPlan(byte[]?[] names, int[] numbers, int unnamedNeeded, bool numbered)
    {
        _names = names;
        _numbers = numbers;
        _unnamedNeeded = unnamedNeeded;
        _numbered = numbered;
    }

    public int Count => _names.Length;

    /// <summary>The number of unnamed values that this statement takes, if a text of several statements shares them.</summary>
    public int UnnamedNeeded => _unnamedNeeded;

    public static ParameterPlan Of(nint statement)
    {
        var count = Native.sqlite3_bind_parameter_count(statement);
        if (count == 0)
        {
            return s_none;
        }

        var names = new byte[]?[count];
        var numbers = new int[count];
        var numbered = false;
        var highest = 0;
        for (var i = 0; i < count; i++)
        {
            var name = Native.TextOrNull(Native.sqlite3_bind_parameter_name(statement, i + 1));
            numbers[i] = i + 1;
            if (name is null || name[0] == '?')
            {
                continue;
            }

            names[i] = Encoding.UTF8.GetBytes(name[1..]);
            if (TryReadNumber(name, out var number))
            {
                numbered = true;
                numbers[i] = number;
                highest = Math.Max(highest, number);
            }
        }

        return new ParameterPlan(names, numbers, numbered ? highest : count, numbered);
    }

    /// <summary>Reads PostgreSQL's <c>$1</c>; SQLite takes <c>$1::int4</c> for a name as a whole.</summary>
    private static bool TryReadNumber(string name, out int number)
    {
        number = 0;
        var end = 1;
        while (end < name.Length && char.IsAsciiDigit(name[end]) && number < 100_000)
        {
            number = (number * 10) + (name[end++] - '0');
        }

        return name[0] == '$' && end > 1 && number > 0 && (end == name.Length || name[end] is ':' or '(');
    }

    /// <summary>
    /// Binds values; the unnamed ones before <paramref name="unnamedStart"/> belong to earlier statements of the text. A parameter for which there is no value,
    /// since one has a name that the statement does not know, is null.
    /// </summary>
    public StatementError? Bind(Connection connection, nint statement, ReadOnlySpan<byte> parameters, int unnamedStart)
    {
        if (Count == 0)
        {
            return null;
        }

        Span<bool> bound = Count <= 256 ? stackalloc bool[Count] : new bool[Count];
        bound.Clear();
        var named = BindNamed(connection, statement, parameters, bound, out var error);
        if (error is not null)
        {
            return error;
        }

        var unnamed = 0;
        var slot = 0;
        var reader = new ParameterEncoding.Reader(parameters);
        while (reader.Read())
        {
            if (!reader.Name.IsEmpty || unnamed++ < unnamedStart)
            {
                continue;
            }

            error = _numbered
                ? BindNumbered(connection, statement, reader.Value, unnamed - unnamedStart, bound)
                : BindNext(connection, statement, reader.Value, bound, ref slot);
            if (error is not null)
            {
                return error;
            }
        }

        var given = Math.Max(0, unnamed - unnamedStart) + named;
        var wanted = _numbered ? _unnamedNeeded : Count;
        return given < wanted
            ? new StatementError(ResultCode.Error, $"not enough args to execute query: want {wanted} got {given}", -1)
            : BindRest(connection, statement, bound);
    }

    /// <summary>A kept statement still has the values of its last execution, which may be another client's, and differ from node to node.</summary>
    private static StatementError? BindRest(Connection connection, nint statement, ReadOnlySpan<bool> bound)
    {
        for (var i = bound.IndexOf(false); i >= 0 && i < bound.Length; i++)
        {
            if (!bound[i] && BindValue(connection, statement, i + 1, SqliteValue.Null) is { } error)
            {
                return error;
            }
        }

        return null;
    }

    private int BindNamed(Connection connection, nint statement, ReadOnlySpan<byte> parameters, Span<bool> bound, out StatementError? error)
    {
        var named = 0;
        error = null;
        var reader = new ParameterEncoding.Reader(parameters);
        while (reader.Read())
        {
            if (reader.Name.IsEmpty)
            {
                continue;
            }

            named++;
            for (var i = 0; i < _names.Length && error is null; i++)
            {
                if (_names[i] is { } name && reader.Name.SequenceEqual(name))
                {
                    bound[i] = true;
                    error = BindValue(connection, statement, i + 1, reader.Value);
                }
            }
        }

        return named;
    }

    private StatementError? BindNumbered(Connection connection, nint statement, SqliteValue value, int number, Span<bool> bound)
    {
        for (var i = 0; i < _numbers.Length; i++)
        {
            if (_numbers[i] != number)
            {
                continue;
            }

            bound[i] = true;
            if (BindValue(connection, statement, i + 1, value) is { } error)
            {
                return error;
            }
        }

        return null;
    }

    private StatementError? BindNext(Connection connection, nint statement, SqliteValue value, Span<bool> bound, ref int slot)
    {
        while (slot < bound.Length && bound[slot])
        {
            slot++;
        }

        if (slot >= bound.Length)
        {
            return null;
        }

        bound[slot] = true;
        return BindValue(connection, statement, ++slot, value);
    }

    private static StatementError? BindValue(Connection connection, nint statement, int index, SqliteValue value)
    {
        byte empty = 0;
        int code;
        fixed (byte* bytes = value.Bytes)
        {
            var pointer = bytes == null ? &empty : bytes;
            code = value.Class switch
            {
                StorageClass.Integer => Native.sqlite3_bind_int64(statement, index, value.Integer),
                StorageClass.Real => Native.sqlite3_bind_double(statement, index, value.Real),
                StorageClass.Text => Native.sqlite3_bind_text(statement, index, pointer, value.Bytes.Length, Native.Transient),
                StorageClass.Blob => Native.sqlite3_bind_blob(statement, index, pointer, value.Bytes.Length, Native.Transient),
                _ => Native.sqlite3_bind_null(statement, index),
            };
        }

        return code == ResultCode.Ok ? null : connection.LastError(code, 0);
    }

    /// <summary>The name with its prefix of each parameter, or null for one without a name.</summary>
    public static IReadOnlyList<string?> Names(nint statement)
    {
        var names = new string?[Native.sqlite3_bind_parameter_count(statement)];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = Native.TextOrNull(Native.sqlite3_bind_parameter_name(statement, i + 1));
        }

        return names;
    }
}
