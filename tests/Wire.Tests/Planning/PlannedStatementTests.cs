using System.Text;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Messages;
using Rqlite.Pg.Wire.Planning;
using Rqlite.Pg.Wire.Planning.PassThrough;
using Rqlite.Pg.Wire.Values;

namespace Rqlite.Pg.Wire.Tests.Planning;

/// <summary>What planners tell of statements, and how the values of parameters come into their steps.</summary>
public sealed class PlannedStatementTests
{
    private static readonly uint[] s_types = [PgTypes.Int4, PgTypes.Text];

    [Fact]
    public void A_step_takes_the_values_in_its_own_order()
    {
        Assert.Equal("1 'x'", Bind([new(0), new(1)]));
        Assert.Equal("'x' 1 'x'", Bind([new(1), new(0), new(1)]));
        Assert.Equal("1 NULL", Bind([new(0), new(7)]));
        Assert.Equal("1 'x'", Bind(null), ignoreCase: false);
    }

    [Fact]
    public void A_step_may_read_a_value_as_another_type_than_the_announced_one() =>
        Assert.Equal("'1' 1", Bind([new(0, PgTypes.Text), new(0, PgTypes.Int4)]));

    [Fact]
    public void A_step_may_bring_values_of_its_own()
    {
        var constant = new System.Buffers.ArrayBufferWriter<byte>();
        ParameterEncoding.WriteInteger(constant, 42);
        Assert.Equal("42 'x'", Bind([new(-1, 0, constant.WrittenMemory), new(1)]));
    }

    [Fact]
    public void A_wrong_value_precedes_an_error_behind_the_values_and_names_the_portal()
    {
        var rest = PgException.Protocol("rest");
        var wrong = Assert.Throws<PgException>(() => Plan([new(0)]).Bind([Text("x"), Text("y")], FormatSettings.Default, "", rest));
        Assert.Equal(("22P02", "unnamed portal parameter $1"), (wrong.Error.SqlState, wrong.Error.Where));
        Assert.Same(rest, Assert.Throws<PgException>(() => Plan([new(0)]).Bind([Text("1")], FormatSettings.Default, "", rest)));
        Assert.Throws<TypeException>(() => Plan([new(0)]).Bind([Text("x"), Text("y")], FormatSettings.Default));
    }

    [Fact]
    public async Task A_plan_has_all_that_the_session_asks_of_a_statement()
    {
        var planner = new PassThroughPlanner();
        var session = new FakeSession
        {
            Shape = new StatementShape(null, true, false, false, ["$2", "$1::int4"], new RowSchema([new("a", "INTEGER", "t", "a"), new("b", null, null, null)]), 0),
        };
        var part = Assert.Single(PassThroughPlanner.Parse("select a, $2 || 'x' as b from t where a = $1::int4 for update nowait"));
        var plan = await planner.PlanAsync(part, default, session);
        Assert.Equal([PgTypes.Int4, PgTypes.Text], plan.ParameterTypes);
        Assert.Equal([new("a", new PgType(PgTypes.Int4)), new("b", new PgType(PgTypes.Text))], plan.Columns!);
        Assert.Equal([new(1), new(0)], Assert.Single(plan.Steps).Values!);
        Assert.Equal(StatementTraits.Known | StatementTraits.LocksRows, plan.Traits);
        Assert.Equal(("SELECT", "SELECT", true, false, "t", true), (plan.Tag, plan.CountedTag, plan.IsQuery, plan.CountsChanges, plan.LockedRelation, plan.ReturnsRows));
        Assert.True(plan.Locking!.NoWait);
        Assert.True(plan.Promises(session.Shape.Rows));
        Assert.False(plan.Promises(new RowSchema([new("a", "TEXT", "t", "a"), new("b", null, null, null)])));
    }

    [Theory]
    [InlineData(false, false, true, true)]
    [InlineData(false, true, true, false)]
    [InlineData(true, true, false, true)]
    [InlineData(false, false, false, false)]
    public async Task An_unknown_table_is_forgiven_where_it_may_still_come(bool inBlock, bool behindWrites, bool isLeader, bool refused)
    {
        var planner = new PassThroughPlanner();
        var session = new FakeSession { InBlock = inBlock, IsLeader = isLeader, Shape = Failed("no such table: t") };
        var planning = planner.PlanAsync(PassThroughPlanner.Parse("insert into t values (1)")[0], default, session, behindWrites).AsTask();
        if (refused)
        {
            Assert.Equal("42P01", (await Assert.ThrowsAsync<PgException>(() => planning)).Error.SqlState);
            return;
        }

        var plan = await planning;
        Assert.Null(plan.Columns);
        Assert.Equal((true, false, false), (plan.Writes, plan.IsKnown, plan.IsKnownToWrite));
        Assert.Null(Assert.Single(plan.Steps).Values);
    }

    [Fact]
    public async Task A_command_of_the_session_has_no_steps()
    {
        var planner = new PassThroughPlanner();
        var plan = await planner.PlanAsync(PassThroughPlanner.Parse("set x.y = 1")[0], default, new FakeSession());
        Assert.IsType<SetSetting>(plan.Command);
        Assert.Empty(plan.Steps);
        Assert.False(plan.IsRun);
        var empty = await planner.PlanAsync(null, new uint[] { 23, 0 }, new FakeSession());
        Assert.Equal([PgTypes.Int4, PgTypes.Text], empty.ParameterTypes);
    }

    private static StatementShape Failed(string message) =>
        new(new StatementError(1, message, -1), false, false, false, [], RowSchema.Empty, 0);

    private static ParameterValue Text(string value) => new(Encoding.UTF8.GetBytes(value), false);

    private static string Bind(StepValue[]? order)
    {
        var statement = Plan(order).Bind([Text("1"), Text("x")], FormatSettings.Default);
        var values = new List<string>();
        var reader = new ParameterEncoding.Reader(statement.Parameters.Span);
        while (reader.Read())
        {
            values.Add(reader.Value.Class switch
            {
                StorageClass.Null => "NULL",
                StorageClass.Integer => $"{reader.Value.Integer}",
                _ => $"'{Encoding.UTF8.GetString(reader.Value.Bytes)}'",
            });
        }

        return string.Join(' ', values);
    }

    private static FakePlan Plan(StepValue[]? order) =>
        new() { Part = null, ParameterTypes = s_types, Bytes = 0, Steps = [new PlannedStep("select 1"u8.ToArray(), order)] };

    private sealed record FakePlan : PlannedStatement
    {
        protected override ParameterReader ParameterReader => ParameterDecoder.Write;

        public override PlannedColumn[] ColumnsOf(RowSchema actual) => [];

        public override bool Promises(RowSchema actual) => true;

        public override int PositionOf(StatementError error) => 0;
    }

    private sealed class FakeSession : IPlanningSession
    {
        public bool InBlock { get; init; }

        public bool IsLeader { get; init; } = true;

        public bool Translates => false;

        public StatementShape Shape { get; init; } = StatementShape.Command;

        public ValueTask<TranslationContext> TranslationAsync() => throw new InvalidOperationException("Nothing is translated here.");

        public ValueTask<bool> CatchUpAsync() => new(false);

        public ValueTask<StatementShape> DescribeAsync(Statement statement) => new(Shape);
    }
}
