using System.Globalization;
using System.Text;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Wire.Query;

/// <summary>A statement that has been parsed and, where possible, described; immutable except for the flags of what its client was sent.</summary>
internal sealed class PreparedStatement
{
    private PreparedStatement(string name, ParsedStatement? parsed, StatementShape? shape, uint[] parameterTypes)
    {
        Name = name;
        Parsed = parsed;
        Shape = shape;
        ParameterTypes = parameterTypes;
        Hint = ReadHint.Of(parsed);
        Sql = parsed is { Kind: StatementKind.Run } ? Encoding.UTF8.GetBytes(parsed.Text) : default;
        DrawnSequence = shape is { } known && (known.Effects & StatementEffects.Sequences) != 0 ? parsed?.DrawnSequence() : null;
        ParameterOrder = shape is null ? null : OrderOf(shape);
        Bytes = BytesOf(parsed);
        ColumnTypes = shape is null || parsed is null ? null : ResultColumns.KnownTypes(shape.Rows, parsed);
    }

    public string Name { get; }

    /// <summary>The memory of the statement, without the text that it was parsed from: an estimate that is rather too high.</summary>
    public long Bytes { get; }

    /// <summary>The session's <see cref="PgSession.Round"/> in which the statement was prepared.</summary>
    public long Round { get; init; }

    /// <summary>The number of names and portals that hold the statement; see <see cref="SessionMemory"/>.</summary>
    public int Holders { get; set; }

    /// <summary>The parsed statement; null for an empty text.</summary>
    public ParsedStatement? Parsed { get; }

    /// <summary>The description; null for a command of the session, and for a statement that the database could not know yet.</summary>
    public StatementShape? Shape { get; }

    /// <summary>The settings that the statement brings for its own reads; null for none.</summary>
    public ReadHint? Hint { get; }

    public ReadOnlyMemory<byte> Sql { get; }

    /// <summary>The announced types of $1, $2, ….</summary>
    public uint[] ParameterTypes { get; }

    /// <summary>For each of SQLite's parameters the index into <see cref="ParameterTypes"/>; null if it is not known.</summary>
    public int[]? ParameterOrder { get; }

    /// <summary>The types known without running the statement; null where only a value can tell.</summary>
    public PgType?[]? ColumnTypes { get; }

    /// <summary>The client was sent the columns of the statement itself: from then on they hold for every portal.</summary>
    public bool RowsAnnounced { get; set; }

    public bool IsRun => Parsed is { Kind: StatementKind.Run };

    public bool ReadOnly => Shape is { ReadOnly: true };

    /// <summary>The sequence that the statement draws from, if it has no other effect.</summary>
    public string? DrawnSequence { get; }

    /// <summary>The statement has to run on the writer, as a part of its transaction.</summary>
    public bool Writes => !ReadOnly && !UsesLocks;

    /// <summary>The statement is known to write: nobody need look at it again before it goes through the log.</summary>
    public bool IsKnownToWrite => Shape is { Error: null, Empty: false, Explain: false, ReadOnly: false };

    /// <summary>The statement takes or gives back advisory locks.</summary>
    public bool UsesLocks => Shape is { } shape && (shape.Effects & (StatementEffects.Locks | StatementEffects.Unlocks)) != 0;

    public bool TakesLocks => Shape is { } shape && (shape.Effects & StatementEffects.Locks) != 0;

    public bool GivesAllLocksBack => Shape is { } shape && (shape.Effects & StatementEffects.UnlocksAll) != 0;

    /// <summary>The statement has effects besides those on advisory locks.</summary>
    public bool HasOtherEffects => Shape is { } shape && (shape.Effects & ~(StatementEffects.AnyLocks | StatementEffects.AsksSession)) != 0;

    /// <summary>The statement names functions that may ask for the session, or its functions are not known.</summary>
    public bool MayAskForSession => IsRun && Shape is not { Effects: StatementEffects.None };

    /// <summary>False for a COPY, whose rows are no result.</summary>
    public bool ReturnsRows => Shape is { Rows.Columns.Count: > 0 } && Parsed is { Copy: null };

    /// <summary>The statement for a run with these parameters.</summary>
    /// <param name="parameters">The parameters in <see cref="ParameterEncoding"/>.</param>
    public Statement Bind(ReadOnlyMemory<byte> parameters) =>
        Parsed is { Lowered: true } ? Statement.Ours(Sql) : new Statement(Sql, parameters);

    public string Tag => Parsed?.CommandTag ?? "";

    /// <param name="declared">The parameter types that the client gave; 0 for those it left open.</param>
    public static PreparedStatement Create(
        string name, ParsedStatement? parsed, StatementShape? shape, ReadOnlySpan<uint> declared, long round = 0)
    {
        var count = Math.Max(parsed?.ParameterCount ?? 0, declared.Length);
        var types = new uint[count];
        for (var i = 0; i < count; i++)
        {
            var given = i < declared.Length ? declared[i] : 0;
            types[i] = given != 0 && given != PgTypes.Unknown ? given
                : parsed is not null && i < parsed.ParameterCasts.Count && parsed.ParameterCasts[i] is { } cast ? cast.Oid
                : 0;
        }

        if (types.AsSpan().Contains(0u))
        {
            Infer(parsed, types);
        }

        return new PreparedStatement(name, parsed, shape, types) { Round = round };
    }

    private long BytesOf(ParsedStatement? parsed)
    {
        const int Own = 1024;
        const int PerParameter = 96;
        const int PerColumn = 256;
        var text = parsed is null || ReferenceEquals(parsed.Text, parsed.Source) ? 0 : 2L * parsed.Text.Length;
        return Own + (2L * Name.Length) + text + Sql.Length + ((long)PerParameter * ParameterTypes.Length)
            + ((long)PerColumn * (Shape?.Rows.Columns.Count ?? 0));
    }

    // Infers the types of parameters from the expressions beside them; text otherwise.
    private static void Infer(ParsedStatement? parsed, uint[] types)
    {
        var inferred = parsed is { Kind: StatementKind.Run, ParameterCount: > 0 } ? parsed.InferParameters(i => types[i] == 0) : [];
        for (var i = 0; i < types.Length; i++)
        {
            if (types[i] == 0)
            {
                types[i] = i < inferred.Length && inferred[i] is { } type ? type.Oid : PgTypes.Text;
            }
        }
    }

    // SQLite numbers parameters by their first appearance; their names have PostgreSQL's numbers.
    private static int[] OrderOf(StatementShape shape)
    {
        var order = new int[shape.ParameterNames.Count];
        for (var i = 0; i < order.Length; i++)
        {
            var name = shape.ParameterNames[i];
            order[i] = NumberOf(name) - 1;
        }

        return order;
    }

    // SQLite takes $1::a::b for one name.
    private static int NumberOf(string? name)
    {
        if (name is not ['$', ..])
        {
            return 0;
        }

        var end = name.IndexOf("::", StringComparison.Ordinal);
        var digits = end < 0 ? name.AsSpan(1) : name.AsSpan(1, end - 1);
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }
}
