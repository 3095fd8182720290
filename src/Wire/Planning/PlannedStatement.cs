using System.Buffers;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Messages;
using Rqlite.Pg.Wire.Values;

namespace Rqlite.Pg.Wire.Planning;

/// <summary>
/// All that the session needs to know of a statement: what runs, with which parameters, what comes back and how it is announced. Immutable; a
/// planner makes it, and no other part of the session looks at texts or at the database's descriptions.
/// </summary>
internal abstract record PlannedStatement
{
    /// <summary>The parsed statement; null for an empty text.</summary>
    public required StatementPart? Part { get; init; }

    /// <summary>The command that the session runs itself; null for a statement of the database, and for an empty text.</summary>
    public SessionCommand? Command => Part?.Command;

    /// <summary>The database runs the statement.</summary>
    public bool IsRun => Part is { IsRun: true };

    /// <summary>The statements of SQLite, which take effect together; none for a command of the session.</summary>
    public IReadOnlyList<PlannedStep> Steps { get; init; } = [];

    /// <summary>The index of the step whose rows and count the client gets.</summary>
    public int Answer { get; init; }

    /// <summary>The announced types of $1, $2, ….</summary>
    public required uint[] ParameterTypes { get; init; }

    /// <summary>The database's description of the answer.</summary>
    public RowSchema Rows { get; init; } = RowSchema.Empty;

    /// <summary>The result's columns, none for a statement without rows; null as long as the database does not know the statement.</summary>
    public PlannedColumn[]? Columns { get; init; }

    public StatementTraits Traits { get; init; }

    /// <summary>The plan of the query within a DECLARE, which has its parameters; null otherwise.</summary>
    public PlannedStatement? Query { get; init; }

    /// <summary>The settings that the statement brings for its own read; null for none.</summary>
    public ReadHint? Hint { get; init; }

    /// <summary>Set for a COPY … TO STDOUT, whose rows are written differently.</summary>
    public CopyOptions? Copy { get; init; }

    /// <summary>The calls that the session carries out for each row of the answer; null for none.</summary>
    public ResultCalls? Calls { get; init; }

    /// <summary>The locking clause; null for none.</summary>
    public LockingClause? Locking { get; init; }

    /// <summary>A relation whose rows are locked, for the error that they are not to be had; null if it is not known.</summary>
    public string? LockedRelation { get; init; }

    /// <summary>The sequence that the statement draws from, if it has no other effect.</summary>
    public string? DrawnSequence { get; init; }

    /// <summary>The statement is known to write: it need not be looked at again before it goes through the log.</summary>
    public bool IsKnownToWrite { get; init; }

    /// <summary>The statement may ask for its session, or for values that the session has drawn.</summary>
    public bool AsksCaller { get; init; }

    /// <summary>The statement may ask for the session's settings.</summary>
    public bool AsksSettings { get; init; }

    /// <summary>The schemas of search_path that exist; null if the planner does not know schemas.</summary>
    public IReadOnlyList<string>? SearchPath { get; init; }

    /// <summary>The names of search_path that the plan was made with, also of schemas that do not exist; null if it does not depend on them.</summary>
    public IReadOnlyList<string>? PlannedPath { get; init; }

    /// <summary>The version of the schema that the plan holds for; 0 if it does not depend on one.</summary>
    public long SchemaVersion { get; init; }

    /// <summary>The statement changes the schema, so that those behind it in the same transaction can only be planned when it has run.</summary>
    public bool Defines { get; init; }

    /// <summary>
    /// The schema if it is that of a transaction which may be undone: another schema may get the same version then. Null for a committed one.
    /// </summary>
    public WeakReference<ISchema>? Uncommitted { get; init; }

    /// <summary>Notices and warnings that precede the answer.</summary>
    public IReadOnlyList<PgError> Notices { get; init; } = [];

    /// <summary>CommandComplete's tag for a result with a count of rows; null for a tag without a count.</summary>
    public string? CountedTag { get; init; }

    /// <summary>The count in the tag is that of the rows changed, unless the statement returns rows.</summary>
    public bool CountsChanges { get; init; }

    /// <summary>The database answers with one row, the count for the tag, and the client gets no rows.</summary>
    public bool CountsByRow { get; init; }

    /// <summary>A SELECT: a portal that has given all rows may be executed again.</summary>
    public bool IsQuery { get; init; }

    /// <summary>The memory of the statement without the text that it was parsed from: an estimate that is rather too high.</summary>
    public required long Bytes { get; init; }

    /// <summary>CommandComplete's tag, without a count.</summary>
    public string Tag => Part?.Tag ?? "";

    public bool IsKnown => (Traits & StatementTraits.Known) != 0;

    /// <summary>The statement has no effects, as far as the database knows.</summary>
    public bool IsReadOnly => (Traits & (StatementTraits.Known | StatementTraits.Writes | StatementTraits.UsesLocks)) == StatementTraits.Known;

    public bool Writes => (Traits & StatementTraits.Writes) != 0;

    /// <summary>False for a COPY, whose rows are no result.</summary>
    public bool ReturnsRows => Columns is { Length: > 0 } && Copy is null;

    /// <summary>The type of a column is not known before there is a value.</summary>
    public bool HasOpenColumns => Columns is { } columns && Array.Exists(columns, static column => column.Type is null);

    /// <summary>The way in which the values of parameters are read.</summary>
    protected abstract ParameterReader ParameterReader { get; }

    /// <summary>The columns of a result that the database has described so: those announced, unless the schema has changed.</summary>
    public abstract PlannedColumn[] ColumnsOf(RowSchema actual);

    /// <summary>True if a result that the database has described so has the columns that were announced.</summary>
    public abstract bool Promises(RowSchema actual);

    /// <summary>The 1-based position of an error in the client's text; 0 for none.</summary>
    public abstract int PositionOf(StatementError error);

    /// <summary>The error of a constraint with the names that the schema has for it.</summary>
    /// <param name="mapped">What SQLite's error alone tells.</param>
    public virtual PgError Complete(PgError mapped, StatementError error) => mapped;

    /// <summary>The tree of a statement of PostgreSQL's dialect; null for another one.</summary>
    public virtual Dialect.Syntax.Statement? Tree => null;

    /// <summary>The statement with the values of its parameters.</summary>
    /// <param name="values">One for each of <see cref="ParameterTypes"/>.</param>
    /// <param name="portal">The portal that an error in a value names; null for none.</param>
    /// <param name="rest">The error behind the values, thrown if they are right.</param>
    /// <param name="moment">The moment of the statement, in µs since 1970; 0 for that of its entry.</param>
    public Statement Bind(ParameterValue[] values, FormatSettings settings, string? portal = null, PgException? rest = null, long moment = 0)
    {
        if (Query is { } query)
        {
            return query.Bind(values, settings, portal, rest, moment);
        }

        var encoded = values.Length == 0 ? null : new EncodedParameters(values, ParameterTypes, ParameterReader, settings, portal);
        if (rest is not null)
        {
            throw rest;
        }

        return Steps switch
        {
            [] => new Statement(default, default),
            [var step] => Bind(step, encoded, moment),
            _ => Statement.Group([.. Steps.Select(step => Bind(step, encoded, moment))], Answer),
        };
    }

    /// <summary>The values that were bound to another plan of the same statement, bound to this one.</summary>
    /// <returns>Null if the steps take other values, which are no longer at hand.</returns>
    /// <param name="moment">As for <see cref="Bind(ParameterValue[], FormatSettings, string?, PgException?, long)"/>.</param>
    public Statement? Rebind(Statement bound, PlannedStatement former, long moment = 0)
    {
        if (ParameterTypes.Length == 0)
        {
            return Bind([], FormatSettings.Default, moment: moment) with { Settings = bound.Settings };
        }

        if (Steps.Count != former.Steps.Count || Answer != former.Answer)
        {
            return null;
        }

        for (var i = 0; i < Steps.Count; i++)
        {
            if (Steps[i].Internal != former.Steps[i].Internal || !TakesSame(Steps[i].Values, former.Steps[i].Values))
            {
                return null;
            }
        }

        // Values of such types were checked against the other schema, so the database looks at the rows.
        var looksAtRows = Array.Exists(ParameterTypes, static type => PgTypes.Find(type) is null);
        return Steps.Count == 1
            ? Renewed(bound, 0)
            : Statement.Group([.. bound.Steps.Select(Renewed)], Answer) with { Settings = bound.Settings };

        Statement Renewed(Statement step, int number)
        {
            var renewed = step with { Sql = Steps[number].Sql };
            return looksAtRows ? renewed.WithoutTypes() : renewed;
        }
    }

    /// <summary>The error of a statement whose result has other columns than the client was told.</summary>
    public static PgException ResultChanged() => new(SqlState.FeatureNotSupported, "cached plan must not change result type");

    private static bool TakesSame(StepValue[]? left, StepValue[]? right)
    {
        if (left is null || right is null || left.Length != right.Length)
        {
            return left is null && right is null;
        }

        for (var i = 0; i < left.Length; i++)
        {
            if (left[i].Parameter != right[i].Parameter || left[i].Type != right[i].Type || left[i].IsMoment != right[i].IsMoment
                || !left[i].Constant.Span.SequenceEqual(right[i].Constant.Span))
            {
                return false;
            }
        }

        return true;
    }

    private static Statement Bind(PlannedStep step, EncodedParameters? encoded, long moment)
    {
        var parameters = step.Values is not { } order ? encoded?.Name() ?? default
            : order.Length == 0 ? default : (encoded ?? EncodedParameters.None).Arrange(order, moment);
        return step.Typed ? Statement.Typed(step.Sql, parameters)
            : !step.Internal ? new Statement(step.Sql, parameters)
            : Statement.Ours(step.Sql, parameters.IsEmpty ? null : output => output.Write(parameters.Span));
    }
}
