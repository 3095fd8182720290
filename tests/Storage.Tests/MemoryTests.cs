namespace Rqlite.Pg.Storage.Tests;

public class MemoryTests
{
    private const string Large = "SELECT length(group_concat(hex(zeroblob(1000000)))) FROM (VALUES (1),(2),(3),(4),(5),(6),(7),(8))";

    [Fact]
    public async Task What_exceeds_a_scope_fails_for_want_of_memory_and_leaves_the_connection_usable()
    {
        await using var db = new TestDatabase();
        using var connection = Connection.Open(db.Database.MainFile, db.Options, writer: false, null);
        using (var scope = SqliteMemory.Limit(8 << 20))
        {
            var failure = Assert.Throws<StorageException>(() => connection.Scalar(Large));
            Assert.Equal(ResultCode.NoMemory, failure.ResultCode);
            Assert.True(scope.Exceeded);
            Assert.InRange(scope.Grown, long.MinValue, 1 << 20);
        }

        Assert.Equal("16000007", connection.Scalar(Large));
        using (var scope = SqliteMemory.Limit(64 << 20))
        {
            Assert.Equal("16000007", connection.Scalar(Large));
            Assert.False(scope.Exceeded);
        }

        Assert.True(SqliteMemory.InUse > 0);
    }

    [Fact]
    public void Accounts_of_a_pool_share_what_it_has_and_give_it_back()
    {
        var pool = new MemoryPool(8 << 20);
        using var first = new MemoryAccount(6 << 20, pool);
        using (var second = new MemoryAccount(6 << 20, pool))
        {
            Assert.True(first.TryTake(5 << 20));
            Assert.True(second.TryTake(3 << 20));
            Assert.False(second.TryTake(1));
            Assert.Contains("together", second.Refusal);
            Assert.False(first.TryTake(2 << 20));
            Assert.Contains("a statement may use 6291456 bytes", first.Refusal);
        }

        Assert.True(first.TryTake(1 << 20));
        Assert.Equal(6 << 20, pool.Taken);
    }
}
