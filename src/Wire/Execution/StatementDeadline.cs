using System.Diagnostics;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Execution;

/// <summary>Waits of one statement's functions, which <c>statement_timeout</c> and a cancel request end.</summary>
internal sealed class StatementDeadline(SessionState session)
{
    private readonly TimeSpan? _limit = session.Clock.Left;
    private readonly long _began = Stopwatch.GetTimestamp();

    /// <exception cref="PgException">57014: the statement's time is over.</exception>
    /// <exception cref="OperationCanceledException">The statement was cancelled.</exception>
    public async ValueTask WaitAsync(Func<CancellationToken, Task> wait)
    {
        var left = _limit is { } limit ? limit - Stopwatch.GetElapsedTime(_began) : (TimeSpan?)null;
        using var limited = session.Cancellation.Within(left < TimeSpan.Zero ? TimeSpan.Zero : left);
        try
        {
            await session.Output.AwaitAsync(RunAsync(wait(limited.Token))).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!session.Cancellation.Token.IsCancellationRequested)
        {
            throw new PgException(ErrorMapping.StatementTimeout());
        }

        static async ValueTask<bool> RunAsync(Task task)
        {
            await task.ConfigureAwait(false);
            return true;
        }
    }
}
