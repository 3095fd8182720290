using Rqlite.Pg.Wire.Planning;

namespace Rqlite.Pg.Wire.Session;

/// <summary>A planned statement under the name that the client gave it, and what the client was told of it.</summary>
/// <param name="round">The session's <see cref="SessionState.Round"/> in which the statement was planned.</param>
/// <param name="fromSql">The statement was made by PREPARE.</param>
internal sealed class PreparedStatement(string name, PlannedStatement plan, long round = 0, bool fromSql = false)
{
    public string Name { get; } = name;

    /// <summary>The last plan: its parameters and columns are those that the client was told.</summary>
    public PlannedStatement Plan { get; private set; } = plan;

    public long Round { get; } = round;

    /// <summary>The client may count on the columns of the first plan: they were told, or the statement has a name.</summary>
    public bool PromisesColumns { get; set; } = name.Length > 0;

    public bool FromSql { get; } = fromSql;

    /// <summary>When the statement was made, in ticks.</summary>
    public long Created { get; } = TimeProvider.System.GetUtcNow().Ticks;

    /// <summary>The memory of the statement, without the text that it was parsed from.</summary>
    public long Bytes { get; } = plan.Bytes + (2L * name.Length);

    /// <summary>Takes a plan for another schema, for what is bound from now on.</summary>
    public void Renew(PlannedStatement newer) => Plan = newer;

    /// <summary>The number of names and portals that hold the statement; see <see cref="SessionMemory"/>.</summary>
    public int Holders { get; set; }

    /// <summary>The client was sent the columns of the statement itself: from then on they hold for every portal.</summary>
    public bool RowsAnnounced { get; set; }
}
