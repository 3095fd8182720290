using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Wire.Errors;

namespace Rqlite.Pg.Wire.Planning;

/// <summary>Turns a client's text into statements of the database. One planner serves all sessions.</summary>
internal interface IStatementPlanner
{
    /// <summary>The statements of a text; none if it holds only blanks, comments and semicolons.</summary>
    /// <param name="statementsMax">More are refused with 54000.</param>
    /// <exception cref="DialectException">The text is no SQL.</exception>
    IReadOnlyList<StatementPart> Parse(string text, IPlanningSession session, int statementsMax = int.MaxValue);

    /// <summary>Plans a statement for the schema and the settings that the session has now.</summary>
    /// <param name="part">The statement; null for an empty text.</param>
    /// <param name="declared">The parameter types that the client gave; 0 for those it left open.</param>
    /// <param name="behindWrites">Statements that have not run yet may create the tables that this one names.</param>
    /// <exception cref="PgException">The statement cannot run.</exception>
    ValueTask<PlannedStatement> PlanAsync(StatementPart? part, ReadOnlyMemory<uint> declared, IPlanningSession session, bool behindWrites = false);

    /// <summary>The columns that the statement would have if it were planned now.</summary>
    /// <exception cref="PgException">The statement cannot run any more.</exception>
    ValueTask<PlannedColumn[]> ColumnsAsync(PlannedStatement statement, IPlanningSession session);

    /// <summary>Refuses a name that is no table or view now.</summary>
    /// <param name="tag">The tag of the command that names it.</param>
    ValueTask RequireRelationAsync(string name, string tag, IPlanningSession session);

    /// <summary>The OID of a parameter's type in PREPARE; 0 for one that is left open.</summary>
    /// <exception cref="DialectException">42704: there is no such type.</exception>
    ValueTask<uint> TypeAsync(PreparedType type, IPlanningSession session);
}

/// <summary>The session as planners see it.</summary>
internal interface IPlanningSession
{
    /// <summary>An explicit transaction is open.</summary>
    bool InBlock { get; }

    /// <summary>The node leads, so it knows every table that there is.</summary>
    bool IsLeader { get; }

    /// <summary>The session writes PostgreSQL's dialect.</summary>
    bool Translates { get; }

    /// <summary>The schema that the session's statements see now, and the session's names.</summary>
    ValueTask<TranslationContext> TranslationAsync();

    /// <summary>Waits until this node knows all that was committed before the call.</summary>
    /// <returns>False if it knew it already, if the session does not look at what is committed, or if no leader answers.</returns>
    ValueTask<bool> CatchUpAsync();

    /// <summary>Describes a statement of SQLite with the schema that the session's statements see now.</summary>
    ValueTask<StatementShape> DescribeAsync(Statement statement);
}
