using System.Diagnostics;
using Rqlite.Pg.Wire.Errors;

namespace Rqlite.Pg.Wire.Session;

/// <summary>
/// The time left of <c>statement_timeout</c> (manual, 20.11). In the extended protocol the time runs from the first message of a statement until
/// an Execute has completed or Sync comes, whatever Flush comes between.
/// </summary>
internal sealed class StatementClock(Settings settings)
{
    private long _began;

    /// <summary>Null for no limit.</summary>
    /// <exception cref="PgException">The time is over.</exception>
    public TimeSpan? Left
    {
        get
        {
            if (settings.StatementTimeout is not { } limit || _began == 0)
            {
                return settings.StatementTimeout;
            }

            var left = limit - Stopwatch.GetElapsedTime(_began);
            return left > TimeSpan.Zero ? left : throw new PgException(ErrorMapping.StatementTimeout());
        }
    }

    /// <summary>Starts the time, unless it runs.</summary>
    public void Start()
    {
        if (_began == 0 && settings.StatementTimeout is not null)
        {
            _began = Stopwatch.GetTimestamp();
        }
    }

    public void Stop() => _began = 0;

    /// <exception cref="PgException">The time is over.</exception>
    public void Require() => _ = Left;
}
