//! Faults of one line each that the plain second HPA can be given.

/// Declares the faults, and the list of them.
macro_rules! faults {
    ($($name:ident)*) => {
        /// One fault. `None` in its place is the HPA as it is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Fault {
            $($name),*
        }

        impl Fault {
            pub(super) const ALL: &[Fault] = &[$(Fault::$name),*];
        }
    };
}

faults! {
    UpperEndExcluded
    LowerEndExcluded
    TolerancesSwapped
    AverageRoundsDown
    AverageOfSpec
    HoldProposesSpec
    NegativeSumStays
    SmallestMetricWins
    FailedMetricsIgnored
    FailedTickStores
    FirstCountForgotten
    WindowEndIncluded
    PlainWindowEndExcluded
    ClampedBeforeWindow
    StabilizedStored
    PercentUpRoundsDown
    PercentDownRoundsUp
    PercentInFractions
    OwnEventsOnly
    MinIsMax
    DisabledIgnored
    PeriodEndIncluded
    EventsAreAList
    FirstOutdatedOverwritten
    JumpIsNoEvent
    CapWithoutFour
    NoCap
    UtilizationNotTruncated
    AverageNotTruncated
    MissingUseNothing
    MissingUseTheRequest
    MissingLeftOut
    UnreadyLeftOut
    DirectionNotChecked
    ResultNotChecked
    OnlyReadyPodsCount
    InitializationIsLonger
    UnknownIsUnready
    MemoryAsksReadiness
    DeletedPodsCount
    RequestsOfCountingPodsOnly
    ValueCountsAllPods
    ValueLeavesTerminating
    ToleranceAtZero
    PersonsZeroWakes
    MinimumAtZeroInSteps
    LimitCutsBelowCurrent
}
