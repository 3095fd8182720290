namespace Rqlite.Pg.Wire.Planning;

/// <summary>A statement of SQLite that a planned statement consists of.</summary>
/// <param name="Sql">UTF-8.</param>
/// <param name="Values">
/// The sources of its parameters in the order in which SQLite numbers them; null as long as the database has not told that order: then all
/// parameters are bound by name.
/// </param>
internal sealed record PlannedStep(ReadOnlyMemory<byte> Sql, StepValue[]? Values)
{
    /// <summary>The text is the server's own, so it may call internal functions.</summary>
    public bool Internal { get; init; }

    /// <summary>The text was translated for the types of the columns that it writes (<see cref="Storage.Statement.IsTyped"/>).</summary>
    public bool Typed { get; init; }
}

/// <summary>The source of a step's parameter.</summary>
/// <param name="Parameter">The index of the client's parameter; one that no parameter has stands for NULL.</param>
/// <param name="Type">The OID of the type as which the client's value is read; 0 for the announced type.</param>
/// <param name="Constant">A value instead, in ParameterEncoding; empty for none.</param>
internal readonly record struct StepValue(int Parameter, uint Type = 0, ReadOnlyMemory<byte> Constant = default)
{
    /// <summary>The value is the moment of the statement (<see cref="Dialect.StepParameter.Moment"/>).</summary>
    public bool IsMoment { get; init; }
}
