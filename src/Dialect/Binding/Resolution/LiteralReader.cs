using System.Buffers;
using System.Text;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>Reads literals as values of their types, while the statement is bound.</summary>
/// <param name="session">By which literals are read that differ between sessions; null to leave these unread.</param>
internal sealed class LiteralReader(TypeLookup types, ValueContext? session)
{
    private const long Day = 86_400_000_000;

    /// <summary>
    /// Sessions that differ in all that reading may depend on, at moments of different seasons: a literal that means the same in all of
    /// them means the same everywhere.
    /// </summary>
    private static readonly Lazy<ValueContext[]> s_sessions = new(MakeSessions);

    /// <summary>NULL as a value of a type: some pseudo types refuse even that.</summary>
    /// <exception cref="TypeException">0A000.</exception>
    public void ReadNull(uint type)
    {
        if (types.Find(type) is { Kind: 'p' } pseudo && Builtins.FunctionsNamed(pseudo.InputFunction) is [{ Strict: false }])
        {
            throw TypeErrors.NotSupported($"cannot accept a value of type {pseudo.SqlName}");
        }
    }

    /// <summary>The literal's value in the text form of its type; null if only the session that runs the statement can tell it.</summary>
    /// <exception cref="TypeException">The literal is no value of the type.</exception>
    public string? Read(string text, PgType type)
    {
        if (type.Oid is PgTypes.Text or PgTypes.VarChar or PgTypes.Unknown or PgTypes.CString && type.Modifier < 0
            && !text.Contains('\0', StringComparison.Ordinal))
        {
            return text;
        }

        if (types.FindOwn(type.Oid) is { } defined)
        {
            return defined.Kind == 'e' ? ReadLabel(text, defined.Oid) : defined.Kind == 'b' ? ReadArray(text, defined.ElementOid) : null;
        }

        if (type.Oid == PgTypes.Record)
        {
            throw TypeErrors.NotSupported("input of anonymous composite types is not implemented");
        }

        if (type.Oid == PgTypes.RecordArray)
        {
            return ReadArray(text, PgTypes.Record);
        }

        if (IsNamed(type.Oid))
        {
            return IsNumber(text) ? text : null;
        }

        return !IsSessions(type.Oid) ? ReadBuiltin(text, type, ValueContext.Default)
            : session is { } own ? ReadBuiltin(text, type, own)
            : ReadEverywhere(text, type);
    }

    private static ValueContext[] MakeSessions()
    {
        var west = new FormatSettings
        {
            DateOrder = DateOrder.DayMonthYear, IntervalStyle = IntervalStyle.SqlStandard, TimeZone = ZoneOf("-9.5"),
        };
        var east = new FormatSettings { DateOrder = DateOrder.YearMonthDay, TimeZone = ZoneOf("5.75") };
        return [new(FormatSettings.Default, 10 * Day), new(west, 191 * Day), new(east, (731 * Day) + 1)];
    }

    private static PgTimeZone ZoneOf(string hours) => TimeZones.TrySetting(hours, out var zone) ? zone : PgTimeZone.Utc;

    /// <summary>The reg types, whose names only a catalog knows, and arrays of them.</summary>
    private bool IsNamed(uint oid) => oid is PgTypes.RegProc or PgTypes.RegProcedure or PgTypes.RegOper or PgTypes.RegOperator
        or PgTypes.RegClass or PgTypes.RegType or PgTypes.RegNamespace or PgTypes.RegRole or PgTypes.RegCollation
        or PgTypes.RegConfig or PgTypes.RegDictionary
        || (types.ElementOf(oid) is not (0 or PgTypes.Oid or PgTypes.Int2) and var element && IsNamed(element));

    /// <summary>Types whose text may mean something else in another session or at another moment.</summary>
    private bool IsSessions(uint oid) => oid is PgTypes.Date or PgTypes.Time or PgTypes.TimeTz or PgTypes.Timestamp or PgTypes.TimestampTz
        or PgTypes.Interval or PgTypes.DateRange or PgTypes.TsRange or PgTypes.TstzRange or PgTypes.DateMultirange or PgTypes.TsMultirange
        or PgTypes.TstzMultirange || (types.ElementOf(oid) is not 0 and var element && IsSessions(element));

    private static bool IsNumber(string text) => text == "-" || (text.Length > 0 && !text.AsSpan().ContainsAnyExceptInRange('0', '9')
        && Integers.ParseOid(Encoding.UTF8.GetBytes(text)) >= 0);

    private static string? ReadEverywhere(string text, PgType type)
    {
        string? value = null;
        TypeException? failure = null;
        for (var i = 0; i < s_sessions.Value.Length; i++)
        {
            string? read = null;
            TypeException? failed = null;
            try
            {
                read = ReadBuiltin(text, type, s_sessions.Value[i]);
            }
            catch (TypeException exception)
            {
                failed = exception;
            }

            if (i > 0 && (read != value || failed?.Message != failure?.Message))
            {
                return null;
            }

            (value, failure) = (read, failed);
        }

        return failure is null ? value : throw failure;
    }

    private static string ReadBuiltin(string text, PgType type, in ValueContext context)
    {
        var codec = Codec.For(type.Oid);
        var stored = new StoredValue();
        var output = new ArrayBufferWriter<byte>();
        codec.ReadText(Encoding.UTF8.GetBytes(text), type, context, stored);
        codec.WriteText(stored.Value, type, ValueContext.Default, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private string ReadLabel(string text, uint type)
    {
        foreach (var label in types.FindOwn(type)!.Labels)
        {
            if (label.Label == text)
            {
                return text;
            }
        }

        throw new TypeException(SqlState.InvalidTextRepresentation, $"invalid input value for enum {types.Format(type)}: \"{text}\"");
    }

    /// <summary>
    /// An array of a type that is not built in. What domains demand beyond their types is checked when the statement runs.
    /// </summary>
    private string? ReadArray(string text, uint element)
    {
        var under = types.BaseOf(new PgType(element));
        var complete = !IsConstrained(element);
        var delimiter = (byte)(types.Find(element)?.Delimiter ?? ',');
        var parts = ArrayText.Parse(Encoding.UTF8.GetBytes(text), delimiter);
        if (parts.Elements.Count == 0)
        {
            return "{}";
        }

        var output = new ArrayBufferWriter<byte>();
        for (var i = 0; i < parts.Elements.Count; i++)
        {
            ArrayText.WriteBraces(parts.Dimensions, i, close: false, output);
            if (parts.Elements[i] is not { } item)
            {
                output.Write("NULL"u8);
            }
            else if (Read(Encoding.UTF8.GetString(item), under) is { } read)
            {
                ArrayText.WriteElement(Encoding.UTF8.GetBytes(read), delimiter, output);
            }
            else
            {
                complete = false;
            }

            ArrayText.WriteBraces(parts.Dimensions, i, close: true, output);
            if (i < parts.Elements.Count - 1)
            {
                output.Write([delimiter]);
            }
        }

        return complete ? Encoding.UTF8.GetString(output.WrittenSpan) : null;
    }

    private bool IsConstrained(uint type)
    {
        for (var own = types.FindOwn(type); own is { Kind: 'd' }; own = types.FindOwn(own.Base.Oid))
        {
            if (own.NotNull || own.Constraints.Count > 0)
            {
                return true;
            }
        }

        return false;
    }
}
