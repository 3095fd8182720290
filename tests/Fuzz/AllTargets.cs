using Rqlite.Pg.Fuzz.Targets;

namespace Rqlite.Pg.Fuzz;

internal static class AllTargets
{
    public static IReadOnlyList<IFuzzTarget> Create() =>
    [
        new ParametersTarget(),
        new StatementsTarget(),
        new SqlTarget(),
        new DialectTarget(),
        new RowsTarget(),
        new NodeTarget(),
        new RaftLaneTarget(),
        new RequestLaneTarget(),
        new TransactionLaneTarget(),
        new LearnerTarget(),
        new EntryTarget(),
        new PgTarget(),
        new DoorsTarget(),
    ];
}
