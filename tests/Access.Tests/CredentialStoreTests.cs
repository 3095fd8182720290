using System.Net;
using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Access.Tests;

public sealed class CredentialStoreTests : IDisposable
{
    private static readonly byte[] s_key = new byte[32];
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"rqlite-users-{Guid.NewGuid():n}");
    private readonly ManualClock _clock = new();
    private readonly Lines _lines = new();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public async Task Passwords_are_verified_whether_they_are_plain_or_hashed()
    {
        using var store = Open($$"""
            [{"username":"plain","password":"one","perms":["query"]},
             {"username":"hashed","password":"{{ScramVerifier.Create("two")}}","perms":["execute"]}]
            """);
        foreach (var (user, password, right) in new[]
        {
            ("plain", "one", true), ("plain", "two", false), ("hashed", "two", true), ("hashed", "two", true), ("nobody", "one", false), ("*", "", false),
        })
        {
            Assert.Equal(right, await store.VerifyAsync(user, password, IPAddress.Parse("192.0.2.1"), default));
        }

        // The second time the password was known to be right.
        Assert.Equal((2, 3), (store.Counters.Ok, store.Counters.Failed));
    }

    [Fact]
    public async Task A_changed_file_counts_from_the_next_look_on()
    {
        using var store = Open("""[{"username":"a","password":"one","perms":["query"]}]""");
        Assert.True(await store.VerifyAsync("a", "one", null, default));
        var changes = 0;
        store.Changed += () => changes++;

        File.WriteAllText(_path, """[{"username":"a","password":"two","perms":["execute"]}]""");
        store.Look();
        store.Look();
        Assert.Equal(1, changes);
        Assert.False(await store.VerifyAsync("a", "one", null, default));
        Assert.True(await store.VerifyAsync("a", "two", null, default));
        Assert.Equal(Permissions.Execute, store.Current.Of("a"));
    }

    [Theory]
    [InlineData("[{")]
    [InlineData("[{\"username\":\"a\"}]")]
    [InlineData(null)]
    public async Task A_file_that_cannot_be_used_leaves_the_users_and_is_told_once(string? text)
    {
        using var store = Open("""[{"username":"a","password":"one","perms":["query"]}]""");
        if (text is null)
        {
            File.Delete(_path);
        }
        else
        {
            File.WriteAllText(_path, text);
        }

        store.Look();
        store.Look();
        Assert.True(await store.VerifyAsync("a", "one", null, default));
        Assert.Single(_lines.All, line => line.Contains("the former users stay", StringComparison.Ordinal));
        Assert.Equal(1, store.Counters.BadReloads);
    }

    [Fact]
    public async Task The_log_has_no_password_and_no_line_breaks_of_strangers()
    {
        using var store = Open("""[{"username":"a","password":"secret1","perms":["query"]}]""");
        Assert.False(await store.VerifyAsync("a\nforged line", "secret2", IPAddress.Loopback, default));
        Assert.False(await store.VerifyAsync("a", "secret3", IPAddress.Loopback, default));
        Assert.DoesNotContain(_lines.All, static line => line.Contains("secret", StringComparison.Ordinal) || line.Contains('\n', StringComparison.Ordinal));
        Assert.Contains(_lines.All, static line => line.Contains("login as \"a\" from 127.0.0.1 failed: wrong password", StringComparison.Ordinal));
    }

    [Fact]
    public void A_user_that_does_not_exist_is_shown_the_same_salt_each_time()
    {
        using var store = Open("""[{"username":"a","password":"one"}]""");
        var first = store.Current.Login("nobody");
        File.WriteAllText(_path, """[{"username":"b","password":"one"}]""");
        store.Look();
        using var other = CredentialStore.Open(_path, s_key, _clock, _lines);
        Assert.False(first.Exists);
        Assert.Equal(first.Verifier.Salt, store.Current.Login("nobody").Verifier.Salt);
        Assert.Equal(first.Verifier.Salt, other.Current.Login("nobody").Verifier.Salt);
        Assert.NotEqual(first.Verifier.Salt, store.Current.Login("noone").Verifier.Salt);

        // Also one that exists no more.
        Assert.Equal(other.Current.Login("b").Verifier.Salt, new Credentials([], s_key, null).Login("b").Verifier.Salt);
    }

    [Fact]
    public void All_stands_for_every_permission_and_everybody_has_those_of_the_star()
    {
        using var store = Open("""[{"username":"a","password":"1","perms":["all"]},{"username":"b","password":"1","perms":["query"]},{"username":"*","perms":["ready"]}]""");
        var users = store.Current;
        Assert.True(users.Allows("a", Permissions.Remove | Permissions.Load | Permissions.All));
        Assert.True(users.Allows("b", Permissions.Query | Permissions.Ready));
        Assert.False(users.Allows("b", Permissions.Query | Permissions.Execute));
        Assert.True(users.AllowsEveryone(Permissions.Ready));
        Assert.False(users.AllowsEveryone(Permissions.Query));
    }

    [Fact]
    public async Task Failed_logins_of_a_user_from_an_address_are_answered_later_and_later()
    {
        using var store = Open("""[{"username":"a","password":"right"}]""");
        var here = IPAddress.Parse("192.0.2.1");
        Assert.False(await store.VerifyAsync("a", "1", here, default));
        Assert.False(await store.VerifyAsync("a", "2", here, default));
        foreach (var milliseconds in new[] { 250, 500, 1000, 2000, 3000, 3000 })
        {
            var third = store.VerifyAsync("a", "3", here, default).AsTask();
            await MoveUntilAsync(() => _clock.Waiting > 1, TimeSpan.FromMilliseconds(milliseconds - 1));
            Assert.False(third.IsCompleted);
            _clock.Move(TimeSpan.FromMilliseconds(1));
            Assert.False(await third);
        }

        // Others are not slowed, and neither is the user from elsewhere.
        Assert.True(await store.VerifyAsync("a", "right", IPAddress.Parse("192.0.2.2"), default));
        Assert.False(await store.VerifyAsync("b", "1", here, default));

        // A password that was found right once needs no turn.
        Assert.True(await store.VerifyAsync("a", "right", here, default));
    }

    [Fact]
    public async Task Logins_that_begin_together_are_judged_one_after_the_other()
    {
        using var store = Open("""[{"username":"a","password":"right"}]""");
        var here = IPAddress.Parse("192.0.2.1");
        for (var i = 0; i < 5; i++)
        {
            store.Throttle.NoteFailure(store.Throttle.Begin(here, "a"));
        }

        // The delay is 1 s now, and the first turn in 1.75 s: five turns lie within the longest wait, and the others are refused unseen.
        var together = Enumerable.Range(0, 50).Select(i => store.VerifyAsync("a", $"{i}", here, default).AsTask()).ToArray();
        Assert.Equal(45, together.Count(static task => task.Exception?.InnerException is TooManyLoginsException));
        Assert.Equal(45, _lines.All.Count(static line => line.Contains("refused unseen", StringComparison.Ordinal)));
        var all = Task.WhenAll(together.Where(static task => !task.IsFaulted));
        while (!all.IsCompleted)
        {
            _clock.Move(TimeSpan.FromMilliseconds(500));
            await Task.Yield();
        }

        Assert.All(await all, Assert.False);
    }

    [Fact]
    public async Task An_address_that_tries_many_names_is_slowed_until_somebody_logs_in_from_it()
    {
        using var store = Open("""[{"username":"a","password":"right"}]""");
        var here = IPAddress.Parse("2001:db8::1");
        for (var i = 0; i < 19; i++)
        {
            Assert.False(await store.VerifyAsync($"user {i}", "1", IPAddress.Parse($"2001:db8::{i + 1:x}"), default));
        }

        var slowed = store.VerifyAsync("one more", "1", here, default).AsTask();
        await MoveUntilAsync(() => _clock.Waiting > 1, TimeSpan.FromMilliseconds(250));
        Assert.False(await slowed);
        Assert.True(await store.VerifyAsync("a", "right", here, default));
        Assert.False(await store.VerifyAsync("another", "1", here, default));
    }

    [Fact]
    public void What_is_kept_of_failures_is_bounded()
    {
        var throttle = new LoginThrottle(_clock);
        for (var i = 0; i < 20_000; i++)
        {
            throttle.NoteFailure(throttle.Begin(new IPAddress(i + 1), $"user {i}"));
        }

        Assert.InRange(throttle.Count, 1, 16_384);

        // After five minutes without a failure the next forgets them.
        _clock.Move(TimeSpan.FromMinutes(6));
        throttle.NoteFailure(throttle.Begin(IPAddress.Loopback, "a"));
        Assert.Equal(2, throttle.Count);
    }

    private static async Task MoveUntilAsync(Func<bool> holds, TimeSpan time, ManualClock clock)
    {
        while (!holds())
        {
            await Task.Yield();
        }

        clock.Move(time);
    }

    private Task MoveUntilAsync(Func<bool> holds, TimeSpan time) => MoveUntilAsync(holds, time, _clock);

    private CredentialStore Open(string json)
    {
        File.WriteAllText(_path, json);
        return CredentialStore.Open(_path, s_key, _clock, _lines);
    }

    private sealed class Lines : ILogger
    {
        private readonly List<string> _all = [];

        public IReadOnlyList<string> All
        {
            get
            {
                lock (_all)
                {
                    return [.. _all];
                }
            }
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_all)
            {
                _all.Add(formatter(state, exception));
            }
        }
    }
}
